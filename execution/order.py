"""What is wanted and what is sent: intents have an id that no retry changes."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from ..core.ids import derived_id


class Side(StrEnum):
    """Which way an order moves the position."""

    BUY = "buy"
    SELL = "sell"

    @property
    def sign(self) -> int:
        """Return +1 for a buy, -1 for a sell."""
        return 1 if self is Side.BUY else -1


def side_of(change: Decimal) -> Side:
    """Return the side that makes a signed change."""
    return Side.BUY if change > 0 else Side.SELL


class OrderType(StrEnum):
    """How an order is priced; a market order is sent as a limit at the collar, never unbounded."""

    LIMIT = "limit"


class TimeInForce(StrEnum):
    """How long an order may rest."""

    IOC = "ioc"
    GTC = "gtc"


class Purpose(StrEnum):
    """What an order does to the risk of its instrument."""

    REDUCE = "reduce"
    INCREASE = "increase"
    FLATTEN = "flatten"  # A reduction that the kill switch asked for, not the strategy.


@dataclass(frozen=True, slots=True)
class Intent:
    """One order that a decision wants; ``due_tick`` is the tick of the bar from which it may go."""

    client_order_id: str
    deployment_id: str
    sequence: int
    leg: str
    symbol: str
    side: Side
    qty: Decimal
    purpose: Purpose
    due_tick: int = 0
    is_slice: bool = False

    @property
    def change(self) -> Decimal:
        """Return the signed change of position that a full fill would make."""
        return self.side.sign * self.qty


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the venue gets it: base units, quote per base unit."""

    client_order_id: str
    symbol: str
    side: Side
    qty: Decimal
    price: Decimal
    type: OrderType = OrderType.LIMIT
    time_in_force: TimeInForce = TimeInForce.IOC
    is_reduce_only: bool = False
    is_slice: bool = False

    @property
    def change(self) -> Decimal:
        """Return the signed change of position that a full fill would make."""
        return self.side.sign * self.qty


def client_order_id(deployment_id: str, sequence: int, leg: str) -> str:
    """Return the venue-wide name of an intent: the same for every attempt, for ever (G2)."""
    return derived_id("af", deployment_id, str(sequence), leg)


def order_of(intent: Intent, price: Decimal) -> Order:
    """Return the order that carries out an intent at a limit price."""
    return Order(
        client_order_id=intent.client_order_id,
        symbol=intent.symbol,
        side=intent.side,
        qty=intent.qty,
        price=price,
        is_reduce_only=intent.purpose is not Purpose.INCREASE,
        is_slice=intent.is_slice,
    )
