"""What every venue can be asked; adapters differ behind this, the gateway does not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from ...core.errors import AlphaForgeError
from ...core.instruments import Instrument
from ..account_name import account_name
from ..order import Order, Side
from ..quote import Quote, Tick
from ..states import OrderState


class VenueUnknownError(AlphaForgeError):
    """The request ended without an answer: the order may or may not exist (G3)."""

    code = "AF710"


class VenueRejectedError(AlphaForgeError):
    """The venue refused the order: it does not exist."""

    code = "AF711"


@dataclass(frozen=True, slots=True)
class VenueOrder:
    """An order as the venue holds it."""

    client_order_id: str
    venue_order_id: str
    symbol: str
    side: Side
    qty: Decimal
    filled_qty: Decimal
    price: Decimal
    state: OrderState


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade of ours; ``number`` ascends within the account, ``fee`` is paid in quote."""

    number: int
    client_order_id: str
    symbol: str
    side: Side
    qty: Decimal
    price: Decimal
    fee: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Payment:
    """Funding that settled: positive was received."""

    number: int
    symbol: str
    amount: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What the account is worth: ``cash`` is the deposit plus all that was paid and received."""

    cash: Decimal
    equity: Decimal
    leverage: Decimal
    margin_mode: str
    position_mode: str


class Venue(Protocol):
    """One account on one venue."""

    name: str
    account: str
    # How long "not found" may still mean "not yet seen" after a send (G3).
    settle_seconds: float

    def instruments(self) -> Mapping[str, Instrument]:
        """Return what can be traded, by symbol."""
        ...

    def quote(self, symbol: str) -> Quote | None:
        """Return the present quote, or nothing where there is no market."""
        ...

    def place(self, order: Order) -> VenueOrder:
        """Send an order; a client order id that is known gives the order it already made.

        Raises:
            VenueUnknownError: when the outcome is not known.
            VenueRejectedError: when the venue refused.
        """
        ...

    def cancel(self, client_order_id: str) -> VenueOrder | None:
        """Cancel an order, and return it as it is now."""
        ...

    def order(self, client_order_id: str) -> VenueOrder | None:
        """Return the order of a client id, or nothing when the venue never got it."""
        ...

    def open_orders(self) -> Sequence[VenueOrder]:
        """Return all resting orders of the account, whoever sent them."""
        ...

    def fills(self, after: int) -> Sequence[Fill]:
        """Return trades with a number above ``after``, in order."""
        ...

    def payments(self, after: int) -> Sequence[Payment]:
        """Return funding payments with a number above ``after``, in order."""
        ...

    def positions(self) -> Mapping[str, Decimal]:
        """Return signed positions in base units, without zeros."""
        ...

    def balance(self) -> Balance:
        """Return the account's balance."""
        ...

    def observe(self, tick: Tick) -> None:
        """Take a tick of a replayed market; a venue with its own market ignores it."""
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...


@dataclass(frozen=True, slots=True)
class VenueSetup:
    """What a venue may be opened with."""

    home: Path  # the gateway's home
    account: str
    instruments: Mapping[str, Instrument]

    def __post_init__(self) -> None:
        """Refuse an account whose name could be a path."""
        account_name(self.account)


@dataclass(frozen=True, slots=True)
class VenueKind:
    """One venue's entry: ``VENUE = VenueKind(...)`` at the end of its file.

    ``is_simulated`` venues move no money: only they may share an OS user with the server.
    """

    name: str
    is_simulated: bool
    open: Callable[[VenueSetup], Venue]
