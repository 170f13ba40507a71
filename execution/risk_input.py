"""All that the risk table may look at for one order; stored whole, so that it can be replayed."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ..core.instruments import Instrument
from ..policies.limits import Limits
from .kill_file import Level
from .order import Order, Side
from .quote import Quote
from .steps import ZERO


@dataclass(frozen=True, slots=True)
class Exposure:
    """What is held of one instrument, and what open and uncertain orders may add on each side."""

    symbol: str
    position: Decimal
    buying: Decimal
    selling: Decimal
    mark: Decimal | None

    def highest(self) -> Decimal:
        """Return the position if all buys fill and no sell does."""
        return self.position + self.buying

    def lowest(self) -> Decimal:
        """Return the position if all sells fill and no buy does."""
        return self.position - self.selling

    def worst(self) -> Decimal:
        """Return the largest absolute position that the orders can lead to."""
        return max(abs(self.highest()), abs(self.lowest()))

    def reduces(self, change: Decimal) -> bool:
        """Tell whether a change shrinks the position and, with all open orders, never flips it."""
        if self.position * change >= 0:
            return False  # Flat stays flat.
        working = self.selling if self.position > 0 else self.buying
        return abs(change) + working <= abs(self.position)

    def plus(self, order: Order) -> "Exposure":
        """Return the exposure with this order working as well."""
        is_buy = order.side is Side.BUY
        return Exposure(
            symbol=self.symbol,
            position=self.position,
            buying=self.buying + (order.qty if is_buy else ZERO),
            selling=self.selling + (ZERO if is_buy else order.qty),
            mark=self.mark,
        )


@dataclass(frozen=True, slots=True)
class Account:
    """The account as the venue reports it, and what it was."""

    equity: Decimal
    margin_mode: str
    position_mode: str
    day_start_equity: Decimal
    high_water: Decimal
    traded_today: Decimal  # quote notional since 00:00 UTC of the market's day


@dataclass(frozen=True, slots=True)
class Counters:
    """How many orders were sent lately, on the market's clock, and how many rest."""

    last_second: int
    last_minute: int
    last_day: int
    open_orders: int
    rejects_last_minute: int


@dataclass(frozen=True, slots=True)
class SentOrder:
    """An order that was sent a short while ago."""

    client_order_id: str
    symbol: str
    side: Side
    qty: Decimal
    price: Decimal
    is_slice: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """The clocks: ``now`` is the market's, ``wall_now`` says whether the plan's window is open."""

    now: datetime
    wall_now: datetime
    start_at: datetime
    end_at: datetime
    decided_at: datetime
    signal_at: datetime
    signal_age_max_s: int  # delay and bar of the strategy, before the grace of the limits
    clock_skew_s: Decimal


@dataclass(frozen=True, slots=True)
class RiskInput:
    """The facts for one order; None is a fact that could not be read, and rejects."""

    order: Order
    limits: Limits
    allowed: tuple[str, ...]
    restricted: tuple[str, ...]
    settle: str
    margin_mode: str
    position_mode: str
    instrument: Instrument | None
    quote: Quote | None
    exposures: tuple[Exposure, ...]
    account: Account | None
    counters: Counters | None
    recent: tuple[SentOrder, ...]
    is_intent_new: bool | None
    timing: Timing | None
    position_at: datetime | None
    venue_position: Decimal | None
    kill_level: Level | None

    def exposure(self) -> Exposure:
        """Return what is held of the order's own instrument, before the order."""
        symbol = self.order.symbol
        found = [item for item in self.exposures if item.symbol == symbol]
        mark = None if self.quote is None else self.quote.mark
        return found[0] if found else Exposure(symbol, ZERO, ZERO, ZERO, mark)

    def after(self) -> tuple[Exposure, ...]:
        """Return all exposures with the order working."""
        others = tuple(item for item in self.exposures if item.symbol != self.order.symbol)
        return (*others, self.exposure().plus(self.order))

    def is_reducing(self) -> bool:
        """Tell whether the order can only shrink its instrument's position (K5)."""
        return self.exposure().reduces(self.order.change)
