"""Crypto mid-frequency: perpetual futures on bars, cross-sectional first."""

from ...dsl.catalogue import FieldInfo
from ...dsl.rules import PRICE, PURE
from ..pack import Pack

PACK = Pack(
    name="midfreq",
    version="0.1.0",
    doc="Perpetual futures on bars: funding, mark price, trade counts, and operators on them.",
    core_min="0.1",
    core_below="0.2",
    fields=(
        FieldInfo("mark_open", PRICE, "mark price at the bar's open"),
        FieldInfo("mark_close", PRICE, "mark price at the bar's end"),
        FieldInfo("trades", PURE, "count of trades in the bar"),
    ),
)
