"""Contract sizes for a simulated venue, taken from the prices of a dataset."""

from decimal import Decimal
from math import isfinite

from ..core.instruments import Instrument
from ..core.panel import Panel
from .steps import exact

# Six digits of price, and a quantity step worth 0.1 to 1 quote: about what large venues use.
PRICE_DIGITS = 6
NOTIONAL_MIN = Decimal(5)
STEPS_MAX = 10**9


def contracts_of(panel: Panel, venue: str) -> dict[str, Instrument]:
    """Return an instrument for each symbol of the panel that ever had a price."""
    closes = panel.fields["close"]
    found = {}
    for column, symbol in enumerate(panel.symbols):
        listed = (float(value) for value in closes[:, column])
        first = next((value for value in listed if isfinite(value) and value > 0), None)
        if first is not None:
            found[symbol] = _contract(venue, symbol, exact(first))
    return found


def _contract(venue: str, symbol: str, price: Decimal) -> Instrument:
    magnitude = price.adjusted()
    qty_step = Decimal(1).scaleb(-magnitude - 1)
    return Instrument(
        venue=venue,
        symbol=symbol,
        price_step=Decimal(1).scaleb(magnitude - PRICE_DIGITS + 1),
        qty_step=qty_step,
        qty_min=qty_step,
        qty_max=qty_step * STEPS_MAX,
        notional_min=NOTIONAL_MIN,
    )
