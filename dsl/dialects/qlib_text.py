"""Formulas as Qlib would read them: one to one, or a finding for each part that it cannot say."""

from collections.abc import Callable, Mapping

from ...core.diagnostics import Diagnostic, Severity
from ..catalogue import Catalogue
from ..encoding import float_text
from ..limits import SOURCE_BYTES_MAX
from ..nodes import Constant, Field, Node
from ..rules import Kind
from ..shape import inputs_of, parameters_of, shape_of

# Python's order; a part that binds looser than its place needs brackets.
COMPARE, OR, AND, SUM, PRODUCT, SIGN, _POWER, ATOM = range(8)
_COMPARISON = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
# Operators with one way to be called in Qlib, and the names of their arguments in its order.
_CALLS = {
    "abs": "Abs",
    "sign": "Sign",
    "log": "Log",
    "pow": "Power",
    "if_else": "If",
    "not_": "Not",
    "delay": "Ref",
    "delta": "Delta",
    "ts_mean": "Mean",
    "ts_sum": "Sum",
    "ts_std": "Std",
    "ts_var": "Var",
    "ts_skew": "Skew",
    "ts_kurt": "Kurt",
    "ts_max": "Max",
    "ts_min": "Min",
    "ts_median": "Med",
    "ts_mad": "Mad",
    "ts_rank": "Rank",
    "ts_count_finite": "Count",
    "ts_argmax_pos": "IdxMax",
    "ts_argmin_pos": "IdxMin",
    "ts_slope": "Slope",
    "ts_slope_r2": "Rsquare",
    "ts_slope_resid": "Resi",
    "ts_quantile": "Quantile",
    "ts_corr": "Corr",
    "ts_cov": "Cov",
    "ema": "EMA",
}
# What Qlib says in several words, each read back as one.
_WRITTEN_OUT = {
    "decay_linear": ("{bars} * WMA({x}, {bars})", PRODUCT),
    "returns": ("({x} - Ref({x}, {bars})) / Ref({x}, {bars})", PRODUCT),
}
_NESTED = {"max": "Greater", "min": "Less"}
# What every Qlib data set holds.
_USUAL = frozenset({"open", "high", "low", "close", "volume", "vwap"})
_Part = tuple[Node, str, int]


def qlib_text(root: Node, catalogue: Catalogue) -> tuple[str, tuple[Diagnostic, ...]]:
    """Print a canonical formula; no text, and why, where Qlib has no word for a part of it."""
    writer = _Writer(catalogue)
    text = writer.run(root)
    causes = tuple(writer.causes.values())
    is_whole = all(item.severity is not Severity.ERROR for item in causes)
    return (text if is_whole else ""), causes


class _Writer:
    """Prints one formula, inputs before consumers, so that nothing calls itself."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.causes: dict[str, Diagnostic] = {}

    def run(self, root: Node) -> str:
        """Print a formula."""
        done: dict[int, tuple[str, int]] = {}
        stack = [(root, False)]
        while stack:
            node, is_ready = stack.pop()
            if id(node) in done:
                continue
            inputs = inputs_of(node)
            if not is_ready:
                stack.append((node, True))
                stack.extend((item, False) for item in inputs)
                continue
            done[id(node)] = self._print(node, [(item, *done[id(item)]) for item in inputs])
        return done[id(root)][0]

    def _print(self, node: Node, parts: list[_Part]) -> tuple[str, int]:
        if isinstance(node, Field):
            return self._field(node.field), ATOM
        if isinstance(node, Constant):
            return _number(node.value)
        marked = _MARKED.get(node.name)
        if marked is not None:
            return marked(node, parts)
        if node.name not in _WRITTEN_OUT:
            return self._call(node, parts), ATOM
        pattern, binding = _WRITTEN_OUT[node.name]
        text = pattern.format(x=_within(parts[0], SIGN), bars=dict(parameters_of(node))["bars"])
        return self._bounded(text), binding

    def _bounded(self, text: str) -> str:
        """Refuse a text that grew past the ceiling: some parts are written twice."""
        if len(text) <= SOURCE_BYTES_MAX:
            return text
        help_ = "print its parts one by one"
        self._refuse("AF256", "too long", "the formula is too long in Qlib", help_)
        return ""

    def _field(self, name: str) -> str:
        info = self.catalogue.fields.get(name)
        if info is None or info.kind is not Kind.PANEL or not name.isidentifier():
            message = f"the field `{name}` cannot be said in Qlib"
            self._refuse("AF257", name, message, "Qlib's fields are columns of numbers")
        elif name not in _USUAL:
            self.causes[name] = Diagnostic(
                "AF358",
                f"`${name}` must be a column of the Qlib data",
                help="Qlib's own data sets hold prices and volume alone",
                severity=Severity.NOTE,
            )
        return f"${name}"

    def _call(self, node: Node, parts: list[_Part]) -> str:
        word = _CALLS.get(node.name)
        values = [text for _, text, _ in parts]
        if word is None:
            help_ = "Qlib sees one instrument at a time, and has operators of its own"
            self._refuse("AF256", node.name, f"`{node.name}` cannot be said in Qlib", help_)
            return ""
        if all(isinstance(item, Constant) for item, _, _ in parts):
            message = f"`{word}` of numbers alone cannot be said in Qlib"
            self._refuse("AF256", f"{node.name} of numbers", message, "write the number itself")
        defaults = shape_of(type(node)).defaults
        for name, value in parameters_of(node):
            if name not in defaults:
                values.append(_number(value)[0] if isinstance(value, float) else str(value))
            elif value != defaults[name]:
                message = f"`{name}` of `{node.name}` cannot be said in Qlib"
                self._refuse("AF256", f"{node.name} {name}", message, "leave it at its default")
        return f"{word}({', '.join(values)})"

    def _refuse(self, code: str, key: str, message: str, help_: str) -> None:
        self.causes.setdefault(key, Diagnostic(code, message, help=help_))


def _number(value: float) -> tuple[str, int]:
    text = float_text(abs(value)).removesuffix(".0")
    return (f"-{text}", SIGN) if float_text(value).startswith("-") else (text, ATOM)


def _within(part: _Part, least: int) -> str:
    _, text, binding = part
    return text if binding >= least else f"({text})"


def _sum(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    text = _within(parts[0], PRODUCT)
    for part in parts[1:]:
        node, shown, binding = part
        if isinstance(node, Constant) and shown.startswith("-"):
            text += f" - {shown[1:]}"
        elif node.name == "neg":
            inner = shown.removeprefix("-1 * ")
            text += f" - {inner}"
        else:
            text += f" + {_within((node, shown, binding), PRODUCT)}"
    return text, SUM


def _neg(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    # Qlib's expressions have no sign of their own.
    return f"-1 * {_within(parts[0], SIGN)}", PRODUCT


def _product(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    first = _within(parts[0], PRODUCT if parts[0][0].name == "div" else SIGN)
    return " * ".join([first, *(_within(part, SIGN) for part in parts[1:])]), PRODUCT


def _quotient(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    over = _within(parts[0], PRODUCT)
    return f"{over} / {_within(parts[1], SIGN)}", PRODUCT


def _compared(node: Node, parts: list[_Part]) -> tuple[str, int]:
    left, right = parts
    return f"{_within(left, OR)} {_COMPARISON[node.name]} {_within(right, OR)}", COMPARE


def _logic(mark: str, binding: int) -> Callable[[Node, list[_Part]], tuple[str, int]]:
    def write(_node: Node, parts: list[_Part]) -> tuple[str, int]:
        return f" {mark} ".join(_within(part, binding + 1) for part in parts), binding

    return write


def _nested(node: Node, parts: list[_Part]) -> tuple[str, int]:
    text = parts[0][1]
    for _, other, _ in parts[1:]:
        text = f"{_NESTED[node.name]}({text}, {other})"
    return text, ATOM


_MARKED: Mapping[str, Callable[[Node, list[_Part]], tuple[str, int]]] = {
    "add": _sum,
    "neg": _neg,
    "mul": _product,
    "div": _quotient,
    "and_": _logic("&", AND),
    "or_": _logic("|", OR),
    **dict.fromkeys(_COMPARISON, _compared),
    **dict.fromkeys(_NESTED, _nested),
}
