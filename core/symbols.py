"""What an instrument's symbol says of it, as the large venues spell theirs.

| spelling | read as |
|---|---|
| ``BTCUSDT`` ``BTC_USDT`` | a perpetual |
| ``1000PEPEUSDT`` ``SHIB1000USDT`` ``1MBABYDOGEUSDT`` ``kPEPE`` | a perpetual on that many coins |
| ``BTC-USDT-SWAP`` ``BTCUSD_PERP`` ``BTC-PERPETUAL`` ``BTC/USDT:USDT`` | a perpetual |
| ``BTCUSDT_251226`` ``BTC-USD-251226`` ``BTC/USDT:USDT-251226`` | a future with a day of delivery |
| ``BTC-251226`` | a future in dollars with a day of delivery |
| ``BTC-USDT`` ``BTC/USDT`` | spot |
| anything else | a perpetual whose quote currency is not known |

A derivative quoted in dollars settles in coins, any other in its quote currency. Nothing is looked
up: whoever imports a dataset may say better.
"""

import re
from datetime import UTC, datetime

from .instruments import AssetClass, InstrumentInfo

# BUSD and TUSD are left out: BNBUSD and DOTUSD would be read as theirs.
_QUOTES = "FDUSD|USDT|USDC|USD|EUR|GBP|JPY|TRY|BRL|BTC|ETH|BNB"
_COIN = "[A-Z0-9]+?"
_DAY = r"\d{6}|\d{8}"
_SPELLINGS = (
    re.compile(
        rf"(?P<base>{_COIN})/(?P<quote>[A-Z0-9]+)(?P<spot>)"
        rf"(?::(?P<settle>[A-Z0-9]+)(?:-(?P<day>{_DAY}))?)?"
    ),
    re.compile(rf"(?P<base>{_COIN})-PERP(?:ETUAL)?"),
    re.compile(rf"(?P<base>{_COIN})-(?P<day>{_DAY})"),
    re.compile(
        rf"(?P<base>{_COIN})-(?P<quote>{_QUOTES})(?P<spot>)"
        rf"(?:-(?:(?P<settle>SWAP|PERP)|(?P<day>{_DAY})))?"
    ),
    re.compile(rf"(?P<base>{_COIN})_?(?P<quote>{_QUOTES})(?:_(?:PERP|(?P<day>{_DAY})))?"),
)
_DOLLARS = "USD"
_SAME_COIN = {"XBT": "BTC"}
_TIMES_BEFORE = re.compile(r"(1M|10{3,6})([A-Z][A-Z0-9]{2,})")
_TIMES_BEHIND = re.compile(r"([A-Z]{3,})(10{3,6})")
_THOUSAND_BEFORE = re.compile(r"k([A-Z]{3,})")
_DELIVERY_HOUR = 8
_THOUSAND, _MILLION = 1_000, 1_000_000


def info_of(symbol: str, venue: str = "") -> InstrumentInfo:
    """Read a symbol."""
    thousand = _THOUSAND_BEFORE.fullmatch(symbol)
    if thousand is not None:
        return InstrumentInfo(symbol, thousand[1], venue=venue, multiplier=_THOUSAND)
    word = symbol.upper()
    found = next((m for spelling in _SPELLINGS if (m := spelling.fullmatch(word))), None)
    parts: dict[str, str | None] = {"base": word, "quote": ""}
    if found is not None:
        parts = found.groupdict()
    kind = _kind(parts)
    base, multiplier = _coin(parts["base"] or "")
    quote = parts.get("quote", _DOLLARS) or ""
    is_inverse = quote == _DOLLARS and kind is not AssetClass.SPOT
    return InstrumentInfo(
        symbol=symbol,
        base=base,
        quote=quote,
        settle=base if is_inverse else quote,
        asset_class=kind,
        venue=venue,
        multiplier=multiplier,
    )


def delivery_of(symbol: str) -> tuple[str, int] | None:
    """Return the underlying and the instant of delivery (epoch seconds) that a symbol spells.

    Large venues deliver at 8:00 UTC. A symbol without such a day, or with none there is: nothing.
    """
    found = next((m for spelling in _SPELLINGS if (m := spelling.fullmatch(symbol.upper()))), None)
    day = None if found is None else found.groupdict().get("day")
    if found is None or day is None:
        return None
    form = "%y%m%d" if len(day) == len("yymmdd") else "%Y%m%d"
    try:
        expiry = datetime.strptime(day, form).replace(tzinfo=UTC, hour=_DELIVERY_HOUR)
    except ValueError:
        return None
    return symbol[: found.start("day")].rstrip("_-"), int(expiry.timestamp())


def _kind(parts: dict[str, str | None]) -> AssetClass:
    if parts.get("day"):
        return AssetClass.FUTURE
    is_spot = parts.get("spot") is not None and not parts.get("settle")
    return AssetClass.SPOT if is_spot else AssetClass.PERPETUAL


def _coin(word: str) -> tuple[str, int]:
    """Return the coin, and of how many of it a contract is."""
    before, behind = _TIMES_BEFORE.fullmatch(word), _TIMES_BEHIND.fullmatch(word)
    if before is not None:
        times = _MILLION if before[1] == "1M" else int(before[1])
        return _SAME_COIN.get(before[2], before[2]), times
    if behind is not None:
        return _SAME_COIN.get(behind[1], behind[1]), int(behind[2])
    return _SAME_COIN.get(word, word), 1
