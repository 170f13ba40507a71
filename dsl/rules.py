"""Kinds and units of values, and the small rules by which operators pass them on.

A unit is three exponents (quote, base, time): a price is quote per base, (1, -1, 0). A value is
scale dependent when its base exponent is not zero: then it cannot be compared across instruments
(E10). Numbers go with a length of time or a rate, whose size is alike for all instruments.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .nodes import Node


class Kind(StrEnum):
    """What a value is; a boolean counts as 0/1 in arithmetic."""

    PANEL = "panel"  # one number a bar and instrument
    CROSS_SECTION = "cross-section"  # one number a bar, of all instruments together
    BOOLEAN = "boolean"
    SCALAR = "scalar"
    GROUP = "group"


class Unit(NamedTuple):
    """Exponents of the quote currency, of the base asset and of time."""

    quote: int
    base: int
    time: int = 0

    @property
    def is_alike(self) -> bool:
        """Tell whether a number of this unit says the same of every instrument."""
        return self.quote == 0 and self.base == 0


PURE = Unit(0, 0)
PRICE = Unit(1, -1)
QUANTITY = Unit(0, 1)
QUOTE = Unit(1, 0)
RATE = Unit(0, 0, -1)
TIME = Unit(0, 0, 1)

# Both get the node and what is known of its children, in order. A unit of None is unknown:
# the operands do not agree, or a power made it fractional.
KindRule = Callable[["Node", tuple[Kind, ...]], Kind]
UnitRule = Callable[["Node", tuple[Unit | None, ...]], Unit | None]


def boolean(_node: "Node", _kinds: tuple[Kind, ...]) -> Kind:
    """Give a boolean whatever comes in."""
    return Kind.BOOLEAN


def panel(node: "Node", kinds: tuple[Kind, ...]) -> Kind:
    """Give a scalar of scalars, what ``numbers`` gives of all else."""
    return Kind.SCALAR if kinds and set(kinds) == {Kind.SCALAR} else numbers(node, kinds)


def numbers(node: "Node", kinds: tuple[Kind, ...]) -> Kind:
    """Give a cross-section of cross-sections, with scalars or without, and else a panel."""
    is_cross = Kind.CROSS_SECTION in kinds and set(kinds) <= {Kind.CROSS_SECTION, Kind.SCALAR}
    return Kind.CROSS_SECTION if is_cross and not _answers_gaps(node) else Kind.PANEL


def _answers_gaps(node: "Node") -> bool:
    """Tell whether what is missing for one instrument alone may give it an answer of its own."""
    cls = type(node)
    if cls.laws.answers_missing or cls.carries_state:
        return True
    return bool(node.parameters().get("min_periods"))


def cross_section(_node: "Node", _kinds: tuple[Kind, ...]) -> Kind:
    """Give a cross-section whatever comes in."""
    return Kind.CROSS_SECTION


def group(_node: "Node", _kinds: tuple[Kind, ...]) -> Kind:
    """Give groups whatever comes in."""
    return Kind.GROUP


def same_kind_as(argument: str) -> KindRule:
    """Give the kind of one input, such as ``x``."""

    def rule(node: "Node", kinds: tuple[Kind, ...]) -> Kind:
        return kinds[node.children().index(getattr(node, argument))]

    return rule


def chosen_kind(_node: "Node", kinds: tuple[Kind, ...]) -> Kind:
    """Give the kind that the branches after the condition share, or else a panel."""
    condition, *branches = kinds
    # A choice between what is the same for all is a panel where the condition is one.
    if set(branches) <= {Kind.SCALAR, Kind.CROSS_SECTION} and condition is not Kind.SCALAR:
        return Kind.PANEL
    return branches[0] if len(set(branches)) == 1 else Kind.PANEL


def same_unit(_node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
    """Give the unit that all inputs share; pure constants go with anything."""
    known = {unit for unit in units if unit != PURE}
    if not known:
        return PURE
    return known.pop() if len(known) == 1 else None


def first_unit(_node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
    """Give the unit of the first input."""
    return units[0]


def square(_node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
    """Double the exponents of the first input."""
    inner = units[0]
    return None if inner is None else Unit(*(part * 2 for part in inner))


def same_unit_as(argument: str) -> UnitRule:
    """Give the unit of one input, such as ``alpha``."""

    def rule(node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
        return units[node.children().index(getattr(node, argument))]

    rule.__doc__ = f"Give the unit of ``{argument}``."
    return rule


def product(_node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
    """Add the exponents of all inputs."""
    quote = base = time = 0
    for unit in units:
        if unit is None:
            return None
        quote, base, time = quote + unit.quote, base + unit.base, time + unit.time
    return Unit(quote, base, time)


def quotient(_node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
    """Subtract the exponents of the second input from the first's."""
    over, under = units
    if over is None or under is None:
        return None
    return Unit(over.quote - under.quote, over.base - under.base, over.time - under.time)


def root(_node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
    """Halve the exponents of the first input; an odd one has no half."""
    inner = units[0]
    if inner is None or any(part % 2 for part in inner):
        return None
    return Unit(*(part // 2 for part in inner))


def chosen_unit(node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
    """Give the unit that the branches after the condition share."""
    return same_unit(node, units[1:])


def pure_if_pure(_node: "Node", units: tuple[Unit | None, ...]) -> Unit | None:
    """Give a pure number of pure inputs; a power or a logarithm of a price has no unit."""
    return PURE if set(units) <= {PURE} else None


def time(_node: "Node", _units: tuple[Unit | None, ...]) -> Unit | None:
    """Give a length of time, counted in bars."""
    return TIME


def pure(_node: "Node", _units: tuple[Unit | None, ...]) -> Unit | None:
    """Give a pure number."""
    return PURE
