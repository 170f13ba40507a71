"""What a row of the risk table is: an id, a name, and a pure function from facts to a finding."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from .kill_file import Level
from .quote import Quote
from .risk_input import Account, Counters, Exposure, RiskInput, Timing

T = TypeVar("T")
Number = Decimal | int | str | bool
MISSING = "missing_input"


class MissingFactError(Exception):
    """A fact that a row needs is absent; the table turns this into a reject."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a row found: no code means the order passes. ``trip`` pulls the kill switch as well."""

    code: str = ""
    numbers: Mapping[str, Number] = field(default_factory=lambda: MappingProxyType({}))
    trip: Level = Level.NONE
    trip_scope: str = "account"  # account | instrument

    @property
    def is_passed(self) -> bool:
        """Tell whether this row lets the order go."""
        return not self.code


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``ROW = Row("R9", "max_position", check)`` at the end of its file."""

    id: str
    name: str
    check: Callable[[RiskInput], Finding]


def need(value: T | None, name: str) -> T:
    """Return a fact, or reject the order because it is missing."""
    if value is None:
        raise MissingFactError(name)
    return value


def quote_of(facts: RiskInput) -> Quote:
    """Return the quote, or reject."""
    return need(facts.quote, "quote")


def account_of(facts: RiskInput) -> Account:
    """Return the account, or reject."""
    return need(facts.account, "account")


def counters_of(facts: RiskInput) -> Counters:
    """Return the counters, or reject."""
    return need(facts.counters, "counters")


def timing_of(facts: RiskInput) -> Timing:
    """Return the clocks, or reject."""
    return need(facts.timing, "timing")


def notional_of(exposure: Exposure) -> Decimal:
    """Return the worst notional of an exposure, or reject when it has no mark."""
    return exposure.worst() * need(exposure.mark, f"mark of {exposure.symbol}")


def above(code: str, value: Decimal, limit: Decimal, name: str) -> Finding:
    """Reject when a value is above its limit; both numbers are kept either way."""
    numbers = {name: value, "limit": limit}
    return Finding(code if value > limit else "", numbers)
