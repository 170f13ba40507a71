"""Crypto mid-frequency: perpetual futures on bars, cross-sectional first."""

from ...dsl.catalogue import FieldInfo
from ...dsl.rules import QUANTITY, QUOTE
from ..pack import Pack

PACK = Pack(
    name="midfreq",
    version="0.1.0",
    doc="Perpetual futures on bars: open interest, and operators across names.",
    core_min="0.1",
    core_below="0.2",
    fields=(
        FieldInfo("open_interest_base", QUANTITY, "contracts open at the bar's end, base units"),
        FieldInfo("open_interest_quote", QUOTE, "contracts open at the bar's end, quote currency"),
    ),
)
