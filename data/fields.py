"""What the known columns of market data are called, measured in, and allowed to hold."""

from dataclasses import dataclass
from enum import StrEnum

TIME_NAMES = ("ts", "timestamp", "time", "datetime", "date", "open_time")
SYMBOL_NAMES = ("symbol", "asset", "instrument", "ticker", "pair", "coin")
# The usual names of vendors, as ``names.field_name`` spells them.
ALIASES = {
    "o": "open",
    "h": "high",
    "l": "low",
    "c": "close",
    "v": "volume",
    "vol": "volume",
    "quote_asset_volume": "quote_volume",
    "taker_buy_base_volume": "taker_buy_volume",
    "taker_buy_base_asset_volume": "taker_buy_volume",
    "taker_buy_quote_asset_volume": "taker_buy_quote_volume",
    "number_of_trades": "trades",
    "num_trades": "trades",
    "trade_count": "trades",
    "mark_price": "mark",
    "index_price": "index",
    "sum_open_interest": "open_interest",
    "sum_open_interest_value": "open_interest_quote",
    "market_capitalization": "cap",
    "gics_sector": "sector",
    "gics_industry": "industry",
    "gics_sub_industry": "subindustry",
    "sub_industry": "subindustry",
}
# Columns that say who belongs together, as codes; a file may hold their names instead.
GROUPS = ("sector", "industry", "subindustry")
PRICES = ("open", "high", "low", "close")
# Columns of the table that no file can bring: a field's name never starts with an underscore.
FAULT = "_fault"
MONTH = "_month"


class Domain(StrEnum):
    """Which finite numbers a field may hold; a cell outside its domain is served as NaN."""

    POSITIVE = "positive"
    NOT_NEGATIVE = "not negative"
    CODE = "whole, not negative"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Column:
    """Unit and domain of a known column."""

    unit: str
    doc: str
    domain: Domain = Domain.ANY


PRICE = "quote per base unit"
QUANTITY = "base units"
_CODE = "code of a group"
COLUMNS = {
    "open": Column(PRICE, "first trade of the bar", Domain.POSITIVE),
    "high": Column(PRICE, "highest trade of the bar", Domain.POSITIVE),
    "low": Column(PRICE, "lowest trade of the bar", Domain.POSITIVE),
    "close": Column(PRICE, "last trade of the bar", Domain.POSITIVE),
    "vwap": Column(PRICE, "volume-weighted mean price of the bar", Domain.POSITIVE),
    "volume": Column(QUANTITY, "traded in the bar", Domain.NOT_NEGATIVE),
    "quote_volume": Column("quote currency", "traded in the bar", Domain.NOT_NEGATIVE),
    "turnover": Column("quote currency", "traded in the bar", Domain.NOT_NEGATIVE),
    "trades": Column("count", "trades in the bar", Domain.NOT_NEGATIVE),
    "mark_open": Column(PRICE, "mark price at the bar's open", Domain.POSITIVE),
    "mark_close": Column(PRICE, "mark price at the bar's close", Domain.POSITIVE),
    "mark_open_8h": Column(
        PRICE, "open of the 8-hour mark candle that starts at ts, else nothing", Domain.POSITIVE
    ),
    "index_open": Column(PRICE, "index price at the bar's open", Domain.POSITIVE),
    "index_close": Column(PRICE, "index price at the bar's close", Domain.POSITIVE),
    "funding_rate": Column(
        "fraction per settlement", "settled at the bar's open; 0 on bars without a settlement"
    ),
    "open_interest_base": Column(QUANTITY, "open contracts", Domain.NOT_NEGATIVE),
    "open_interest_quote": Column("quote currency", "open contracts", Domain.NOT_NEGATIVE),
    "open_interest": Column(QUANTITY, "open contracts at the bar's end", Domain.NOT_NEGATIVE),
    "taker_buy_volume": Column(QUANTITY, "bought by takers in the bar", Domain.NOT_NEGATIVE),
    "taker_sell_volume": Column(QUANTITY, "sold by takers in the bar", Domain.NOT_NEGATIVE),
    "taker_buy_quote_volume": Column(
        "quote currency", "bought by takers in the bar", Domain.NOT_NEGATIVE
    ),
    "mark": Column(PRICE, "mark price at the bar's close", Domain.POSITIVE),
    "index": Column(PRICE, "index price at the bar's close", Domain.POSITIVE),
    "basis": Column("fraction", "mark over index, less one"),
    "market_cap": Column("quote currency", "as the vendor computed it", Domain.NOT_NEGATIVE),
    "cap": Column("quote currency", "market value of the coins", Domain.NOT_NEGATIVE),
    "sector": Column(_CODE, "sector at the bar", Domain.CODE),
    "industry": Column(_CODE, "industry at the bar", Domain.CODE),
    "subindustry": Column(_CODE, "sub-industry at the bar", Domain.CODE),
}
UNKNOWN = Column("as in the file", "not a column AlphaForge knows")


def column(name: str) -> Column:
    """Return what is known about a field."""
    return COLUMNS.get(name, UNKNOWN)


# What a field is computed from where a dataset lacks it; each may need those before it.
DERIVED = {
    "vwap": ("high", "low", "close"),
    "quote_volume": ("volume", "vwap"),
    "open_interest": ("open_interest_base",),
    "mark": ("mark_close",),
    "index": ("index_close",),
    "basis": ("mark", "index"),
    "taker_sell_volume": ("volume", "taker_buy_volume"),
    "cap": ("market_cap",),
}


def derivable(stored: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that panels compute because the dataset has no such column."""
    have = set(stored)
    for name, needs in DERIVED.items():
        if have.issuperset(needs):
            have.add(name)
    return tuple(sorted(have - set(stored)))


def sources(name: str, stored: tuple[str, ...]) -> tuple[str, ...]:
    """Return the stored columns from which a derived field is computed."""
    found: list[str] = []
    for need in DERIVED[name]:
        found += (need,) if need in stored else sources(need, stored)
    traded = ("quote_volume", "volume")
    if name == "vwap" and set(traded) <= set(stored):
        found += traded
    return tuple(dict.fromkeys(found))
