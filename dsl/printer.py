"""Formulas as text: the one way each is printed; reading the text gives the formula back."""

from collections.abc import Callable

from ..core.durations import duration_text
from .encoding import float_text
from .nodes import Constant, Field, Node
from .shape import inputs_of, shape_of

# How tightly each mark binds; a part that binds looser than its place needs brackets.
CHOICE, OR, AND, NOT, COMPARE, SUM, SIGN, PRODUCT, POWER, ATOM = range(10)
_COMPARISON = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
_LOGIC = {"and_": ("and", AND), "or_": ("or", OR)}


def expression_text(root: Node, *, bar_seconds: int = 0) -> str:
    """Print a formula; windows and lags are counts of bars, or durations if a bar has a length."""
    return _printed(root, bar_seconds)[0]


def _printed(root: Node, bar_seconds: int) -> tuple[str, int]:
    """Print inputs before consumers, so that nothing calls itself; return text and binding."""
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
        parts = [(item, *done[id(item)]) for item in inputs]
        done[id(node)] = _print(node, parts, bar_seconds)
    return done[id(root)]


_Part = tuple[Node, str, int]


def _print(node: Node, parts: list[_Part], bar_seconds: int) -> tuple[str, int]:
    if isinstance(node, Field):
        return node.field, ATOM
    if isinstance(node, Constant):
        return _constant(node.value)
    special = _MARKED.get(node.name)
    printed = special(node, parts) if special is not None else None
    return printed or (_call(node, [text for _, text, _ in parts], bar_seconds), ATOM)


def _constant(value: float) -> tuple[str, int]:
    text = float_text(abs(value))
    text = text.removesuffix(".0")
    return (f"-{text}", SIGN) if is_negative(value) else (text, ATOM)


def is_negative(value: float) -> bool:
    """Tell whether a number is printed with a sign; so is minus zero."""
    return float_text(value).startswith("-")


def _call(node: Node, inputs: list[str], bar_seconds: int) -> str:
    shape = shape_of(type(node))
    rest = iter(inputs)
    words: list[str] = []
    is_by_name = False
    for name in shape.arguments:
        if name == shape.variadic:
            words.extend(rest)
        elif name in shape.inputs:
            words.append(f"{name}={next(rest)}" if is_by_name else next(rest))
        elif name in shape.defaults and getattr(node, name) == shape.defaults[name]:
            # What is left out must be left out of the order, too.
            is_by_name = True
        else:
            value = _parameter(name, getattr(node, name), bar_seconds)
            by_name = is_by_name or bool(shape.variadic) or name in shape.defaults
            words.append(f"{name}={value}" if by_name else value)
            is_by_name = by_name
    return f"{node.name}({', '.join(words)})"


def quoted(text: str) -> str:
    """Print a string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _parameter(name: str, value: object, bar_seconds: int) -> str:
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, int) and name == "bars" and bar_seconds:
        return duration_text(value * bar_seconds)
    return _constant(value)[0] if isinstance(value, float) else str(value)


def _within(part: _Part, least: int) -> str:
    _, text, binding = part
    return text if binding >= least else f"({text})"


def _sum(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    text = _within(parts[0], SIGN)
    for part in parts[1:]:
        subtracted = _subtracted(part)
        text += f" - {subtracted}" if subtracted else f" + {_within(part, SIGN)}"
    return text, SUM


def _subtracted(part: _Part) -> str:
    """Return what a term takes away, or nothing when it adds."""
    node, text, _ = part
    if isinstance(node, Constant):
        return text[1:] if is_negative(node.value) else ""
    if node.name != "neg" or not text.startswith("-"):
        return ""
    # Behind `- `, a further sign would be read as the term's own.
    return text[1:] if not text.startswith("--") else ""


def _neg(_node: Node, parts: list[_Part]) -> tuple[str, int] | None:
    (part,) = parts
    if isinstance(part[0], Constant):
        # `-2` is the number; the operator over the number is told apart by its name.
        return None
    return f"-{_within(part, SIGN)}", SIGN


def _product(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    first = parts[0]
    text = _within(first, PRODUCT if first[0].name == "div" else POWER)
    return " * ".join([text, *(_operand(part) for part in parts[1:])]), PRODUCT


def _quotient(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    return f"{_within(parts[0], PRODUCT)} / {_operand(parts[1])}", PRODUCT


def _operand(part: _Part) -> str:
    """Print what stands right of ``*`` or ``/``: a sign binds there only to what is no product."""
    node, text, binding = part
    if binding == SIGN and _is_simple_sign(node):
        return text
    return _within(part, POWER)


def _is_simple_sign(node: Node) -> bool:
    while node.name == "neg":
        node = inputs_of(node)[0]
    return node.name not in {"mul", "div"}


def _power(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    base, exponent = parts
    return f"{_within(base, ATOM)} ^ {_operand(exponent)}", POWER


def _comparison(node: Node, parts: list[_Part]) -> tuple[str, int]:
    left, right = parts
    mark = _COMPARISON[node.name]
    return f"{_within(left, SUM)} {mark} {_within(right, SUM)}", COMPARE


def _logic(node: Node, parts: list[_Part]) -> tuple[str, int]:
    mark, binding = _LOGIC[node.name]
    return f" {mark} ".join(_within(part, binding + 1) for part in parts), binding


def _not(_node: Node, parts: list[_Part]) -> tuple[str, int]:
    return f"not {_within(parts[0], NOT)}", NOT


_MARKED: dict[str, Callable[[Node, list[_Part]], tuple[str, int] | None]] = {
    "add": _sum,
    "neg": _neg,
    "mul": _product,
    "div": _quotient,
    "pow": _power,
    "not_": _not,
    **dict.fromkeys(_LOGIC, _logic),
    **dict.fromkeys(_COMPARISON, _comparison),
}
