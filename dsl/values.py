"""What a name or a part of a formula turns out to be, and the typing of new nodes."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from ..core.diagnostics import Span
from .amounts import Amount
from .nodes import Axis, Constant, Node
from .rules import PURE, Kind, Unit, numbers, same_unit
from .shape import inputs_of
from .syntax import Form

COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})


@dataclass(frozen=True, slots=True)
class Late:
    """A field in a formula that is published only so many bars after its own, and where it stands.

    ``bars`` are those that no ``delay`` around it has waited for yet.
    """

    field: str
    bars: int
    lag_bars: int
    span: Span


@dataclass(frozen=True, slots=True)
class Value:
    """A formula with its kind and unit; ``unit`` of nothing is unknown or mixed.

    ``size`` and ``depth`` count nodes as if every let were written out. ``amount`` is there when
    the formula is a constant. ``late`` are its fields that are not public at their own bar: it
    stands only under delays that are long enough.
    """

    node: Node
    kind: Kind
    unit: Unit | None
    size: int = 1
    depth: int = 1
    amount: Amount | None = None
    late: tuple[Late, ...] = ()

    @property
    def is_comparable(self) -> bool:
        """Tell whether instruments can be compared by this value (E10 of the operator rules)."""
        return self.kind is not Kind.PANEL or (self.unit is not None and self.unit.base == 0)


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time; it counts bars, it is no number."""

    amount: Amount


@dataclass(frozen=True, slots=True)
class Word:
    """A string, for the few operators that take one."""

    text: str


# Nothing: the part is wrong and reported, so that what stands around it is not reported too.
Bound: TypeAlias = Value | Period | Word | None


def constant(amount: Amount) -> Value | Period:
    """Return a constant as what it is: a length of time, or a number."""
    if amount.form is Form.DURATION:
        return Period(amount)
    return Value(Constant(float(amount.value)), Kind.SCALAR, PURE, amount=amount)


def typed(node: Node, inputs: tuple[Value, ...]) -> Value:
    """Return a new node as a value, its kind and unit by its operator's own rules."""
    cls = type(node)
    size, depth, has_late = 1, 0, False
    for item in inputs:
        size += item.size
        depth = max(depth, item.depth)
        has_late = has_late or bool(item.late)
    return Value(
        node,
        (cls.kind or numbers)(node, tuple([item.kind for item in inputs])),
        cls.unit(node, tuple([item.unit for item in inputs])) if cls.unit else PURE,
        size,
        depth + 1,
        late=_still_late(node, inputs) if has_late else (),
    )


def _still_late(node: Node, inputs: tuple[Value, ...]) -> tuple[Late, ...]:
    """Return the late fields of a new node; only ``delay`` waits for what is not public yet."""
    found = dict.fromkeys(late for item in inputs for late in item.late)
    if node.name != "delay":
        return tuple(found)
    waited = node.parameters()["bars"]
    assert isinstance(waited, int)
    return tuple(replace(late, bars=late.bars - waited) for late in found if late.bars > waited)


def mixes_units(node: Node, inputs: tuple[Value, ...]) -> bool:
    """Tell whether a node adds or compares what has no common unit, such as price and volume."""
    cls = type(node)
    if cls.unit is not same_unit and cls.name not in COMPARISONS:
        return False
    known = [item for item in inputs if item.unit is not None]
    measured = {Kind.PANEL, Kind.CROSS_SECTION}
    panels = {item.unit for item in known if item.kind in measured}
    if len(panels) > 1:
        return True
    # `volume > 0` is the same in any unit, `funding_rate > 1bp` for all; `close > 100` is not.
    if all(unit.is_alike for unit in panels if unit is not None):
        return False
    return any(item.amount is not None and item.amount.value != 0 for item in known if panels)


def compares_instruments(node: Node) -> bool:
    """Tell whether a node looks across instruments."""
    return type(node).axis is Axis.CROSS


# More pairs than these are not compared: a warning must not cost more than the formula.
PAIRS_MAX = 64


def cancels(node: Node) -> bool:
    """Tell whether a quotient is of a value and itself, or a sum has a term and its opposite."""
    inputs = inputs_of(node)
    if node.name == "div":
        return not isinstance(inputs[0], Constant) and inputs[0] == inputs[1]
    taken = [inputs_of(item)[0] for item in inputs if item.name == "neg"]
    if not taken or len(taken) * len(inputs) > PAIRS_MAX:
        return False
    return any(item == other for other in taken for item in inputs)
