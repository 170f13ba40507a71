"""What a new node must hold to: kinds of its inputs, ceilings, units, comparable instruments."""

from ..core.diagnostics import Fix, Span
from . import limits
from .faults import Faults
from .nodes import Field, Node
from .rules import PURE, Kind
from .shape import shape_of
from .values import Value, cancels, compares_instruments, mixes_units, typed

# How operators that are written as marks are called in messages.
MARKS = {
    "add": "+",
    "mul": "*",
    "div": "/",
    "neg": "-",
    "pow": "^",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
    "and_": "and",
    "or_": "or",
    "not_": "not",
    "if_else": "? :",
}


class Judge:
    """Judges the nodes of one text; remembers whether one depended on scale."""

    def __init__(self, faults: Faults) -> None:
        """Start with nothing seen."""
        self.faults = faults
        self.is_scale_dependent = False

    def kinds_fit(
        self, cls: type[Node], inputs: tuple[Value, ...], spans: tuple[Span, ...]
    ) -> bool:
        """Report inputs of the wrong kind; tell whether all fit."""
        shape = shape_of(cls)
        is_choosy = cls.group_inputs or cls.condition_inputs
        if not is_choosy and all(item.kind is not Kind.GROUP for item in inputs):
            return True
        names = (shape.variadic,) * len(inputs) if shape.variadic else shape.inputs
        placed = zip(names, inputs, spans, strict=True)
        faults = [name for name, item, span in placed if not self._kind_fits(cls, name, item, span)]
        return not faults

    def _kind_fits(self, cls: type[Node], name: str, item: Value, span: Span) -> bool:
        wants_group = name in cls.group_inputs
        is_group = item.kind is Kind.GROUP
        if wants_group and not is_group:
            self.faults.error(
                "AF215",
                f"`{cls.name}` takes groups as `{name}`, not a {item.kind.value}",
                span,
                "name a field or an operator that says who belongs together",
            )
        elif is_group and not wants_group:
            self.faults.error(
                "AF215",
                f"`{MARKS.get(cls.name, cls.name)}` takes numbers, not groups",
                span,
                "groups only say who belongs together",
            )
        elif name in cls.condition_inputs:
            return self._is_yes_or_no(cls, item, span)
        return wants_group == is_group

    def _is_yes_or_no(self, cls: type[Node], item: Value, span: Span) -> bool:
        is_bit = item.amount is not None and item.amount.value in {0, 1}
        if item.kind is Kind.BOOLEAN or is_bit:
            return True
        self.faults.error(
            "AF215",
            f"`{MARKS.get(cls.name, cls.name)}` takes a yes or no here",
            span,
            "compare the value: `x > 0`",
        )
        return False

    def judged(
        self, node: Node, inputs: tuple[Value, ...], spans: tuple[Span, ...], span: Span
    ) -> Value | None:
        """Type a node, or report that it is too large; warn of units that do not go together."""
        value = typed(node, inputs)
        if not self._is_within(value, span):
            return None
        if mixes_units(node, inputs):
            self._warn_mixed(node, inputs, spans, span)
        if node.name in {"add", "div"} and cancels(node):
            self._warn_cancelled(node, span)
        if compares_instruments(node):
            for item, at in zip(inputs, spans, strict=True):
                self.check_comparable(item, at, f"`{node.name}`")
            if value.kind is Kind.CROSS_SECTION and value.kind in {item.kind for item in inputs}:
                self.warn_alike(spans[0], f"`{node.name}`")
        return value

    def _is_within(self, value: Value, span: Span) -> bool:
        if value.size > limits.NODES_MAX:
            self.faults.error(
                "AF123",
                f"the formula has over {limits.NODES_MAX} parts once its lets are written out",
                span,
                "use fewer terms, or smaller lets",
            )
        elif value.depth > limits.DEPTH_MAX:
            self.faults.error(
                "AF127",
                f"the formula is over {limits.DEPTH_MAX} levels deep once its lets are written out",
                span,
                "use a wide sum or product in place of a tower",
            )
        else:
            return True
        return False

    def _warn_cancelled(self, node: Node, span: Span) -> None:
        shown, value = ("x - x", 0) if node.name == "add" else ("x / x", 1)
        self.faults.warn(
            "AF305",
            f"a value meets itself: `{shown}` is {value} or missing",
            span,
            "name another value on one side, or leave both out; the formula is kept as written",
        )

    def _warn_mixed(
        self, node: Node, inputs: tuple[Value, ...], spans: tuple[Span, ...], span: Span
    ) -> None:
        mark = MARKS.get(node.name, node.name)
        number = next((item.amount for item in inputs if item.amount is not None), None)
        if number is None:
            message = f"`{mark}` joins values of different units"
            help_ = "bring them to one unit first, such as `close / ts_mean(close, 24h)`"
        else:
            message = f"`{mark}` joins a number and a value that has a unit"
            help_ = "the same number means little for one instrument and much for another"
        # One field among pure numbers is mended by a ratio; of several none is the odd one.
        odd = [
            (item, at)
            for item, at in zip(inputs, spans, strict=True)
            if item.kind is Kind.PANEL and not (item.unit or PURE).is_alike
        ]
        fix = _as_ratio(*odd[0]) if len(odd) == 1 else None
        self.faults.warn("AF301", message, span, help_, fix)

    def check_comparable(self, value: Value, span: Span, by: str) -> None:
        """Warn when instruments are compared by a value that depends on their price or size."""
        if value.is_comparable:
            return
        self.is_scale_dependent = True
        said = value.node.field if isinstance(value.node, Field) else "x"
        self.faults.warn(
            "AF302",
            f"{by} compares instruments by a value in their own units",
            span,
            f"divide by a value of the same unit, such as `{said} / ts_mean({said}, 24h)`",
            _as_ratio(value, span),
        )

    def warn_alike(self, span: Span, by: str) -> None:
        """Warn when instruments are compared by a value that all of them share."""
        self.faults.warn(
            "AF306",
            f"{by} compares instruments by a value that is the same for all of them",
            span,
            "compare by what tells them apart, such as `returns - market_mean(returns)`",
        )


def _as_ratio(value: Value, span: Span) -> Fix | None:
    """Return the fix that makes a pure number of a field; what is longer is the author's to say."""
    if not isinstance(value.node, Field):
        return None
    name = value.node.field
    return Fix(span, f"({name} / ts_mean({name}, 24))")
