"""What can be traded, and in which steps."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class AssetClass(StrEnum):
    """What kind of contract an instrument is."""

    PERPETUAL = "perpetual"
    FUTURE = "future"  # with a day of delivery
    OPTION = "option"
    SPOT = "spot"
    EQUITY = "equity"
    INDEX = "index"  # a price that nobody can trade


class Calendar(StrEnum):
    """When an instrument trades."""

    ALWAYS = "24x7"
    TRADING_DAYS = "trading_days"  # the days and hours of its exchange


@dataclass(frozen=True, slots=True)
class InstrumentInfo:
    """What an instrument is, in words; prices are ``quote`` for ``multiplier`` units of ``base``.

    A currency that is not known is empty. ``multiplier`` is 1,000 for ``1000PEPEUSDT``.
    """

    symbol: str
    base: str
    quote: str = ""
    settle: str = ""
    asset_class: AssetClass = AssetClass.PERPETUAL
    calendar: Calendar = Calendar.ALWAYS
    venue: str = ""
    multiplier: int = 1


@dataclass(frozen=True, slots=True)
class Instrument:
    """A linear perpetual: sizes in base units, prices in quote per base unit."""

    venue: str
    symbol: str
    price_step: Decimal
    qty_step: Decimal
    qty_min: Decimal
    qty_max: Decimal
    notional_min: Decimal
    contract_multiplier: Decimal = Decimal(1)
    settle: str = "USDT"
    is_trading: bool = True
