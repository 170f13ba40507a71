"""What the known columns of market data are called, measured in, and allowed to hold."""

from dataclasses import dataclass
from enum import StrEnum

TIME_NAMES = ("ts", "timestamp", "time", "datetime", "date", "open_time")
SYMBOL_NAMES = ("symbol", "asset", "instrument", "ticker", "pair", "coin")
ALIASES = {"o": "open", "h": "high", "l": "low", "c": "close", "v": "volume", "vol": "volume"}
PRICES = ("open", "high", "low", "close")
# Columns of the table that no file can bring: a field's name never starts with an underscore.
FAULT = "_fault"
MONTH = "_month"


class Domain(StrEnum):
    """Which finite numbers a field may hold; a cell outside its domain is served as NaN."""

    POSITIVE = "positive"
    NOT_NEGATIVE = "not negative"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Column:
    """Unit and domain of a known column."""

    unit: str
    doc: str
    domain: Domain = Domain.ANY


_PRICE = "quote per base unit"
COLUMNS = {
    "open": Column(_PRICE, "first trade of the bar", Domain.POSITIVE),
    "high": Column(_PRICE, "highest trade of the bar", Domain.POSITIVE),
    "low": Column(_PRICE, "lowest trade of the bar", Domain.POSITIVE),
    "close": Column(_PRICE, "last trade of the bar", Domain.POSITIVE),
    "vwap": Column(_PRICE, "volume-weighted mean price of the bar", Domain.POSITIVE),
    "volume": Column("base units", "traded in the bar", Domain.NOT_NEGATIVE),
    "quote_volume": Column("quote currency", "traded in the bar", Domain.NOT_NEGATIVE),
    "turnover": Column("quote currency", "traded in the bar", Domain.NOT_NEGATIVE),
    "trades": Column("count", "trades in the bar", Domain.NOT_NEGATIVE),
    "mark_open": Column(_PRICE, "mark price at the bar's open", Domain.POSITIVE),
    "mark_close": Column(_PRICE, "mark price at the bar's close", Domain.POSITIVE),
    "mark_open_8h": Column(
        _PRICE, "open of the 8-hour mark candle that starts at ts, else nothing", Domain.POSITIVE
    ),
    "index_open": Column(_PRICE, "index price at the bar's open", Domain.POSITIVE),
    "index_close": Column(_PRICE, "index price at the bar's close", Domain.POSITIVE),
    "funding_rate": Column(
        "fraction per settlement", "settled at the bar's open; 0 on bars without a settlement"
    ),
    "open_interest_base": Column("base units", "open contracts", Domain.NOT_NEGATIVE),
    "open_interest_quote": Column("quote currency", "open contracts", Domain.NOT_NEGATIVE),
    "market_cap": Column("quote currency", "as the vendor computed it", Domain.NOT_NEGATIVE),
}
UNKNOWN = Column("as in the file", "not a column AlphaForge knows")


def column(name: str) -> Column:
    """Return what is known about a field."""
    return COLUMNS.get(name, UNKNOWN)


def derivable(stored: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that panels compute because the dataset has no such column."""
    have = set(stored)
    out = []
    if "vwap" not in have and ({"high", "low", "close"} <= have):
        out.append("vwap")
    if "quote_volume" not in have and "volume" in have and ("vwap" in have or "vwap" in out):
        out.append("quote_volume")
    return tuple(sorted(out))


def sources(name: str, stored: tuple[str, ...]) -> tuple[str, ...]:
    """Return the stored columns from which a derived field is computed."""
    if name == "vwap":
        traded = ("quote_volume", "volume")
        exact = traded if set(traded) <= set(stored) else ()
        return ("high", "low", "close", *exact)
    assert name == "quote_volume", name
    return ("volume", *(("vwap",) if "vwap" in stored else sources("vwap", stored)))
