"""What can be traded, and in which steps."""

from dataclasses import dataclass
from decimal import Decimal


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
