"""What whoever imports a dataset says of its instruments; the rest is read off their symbols."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.diagnostics import echo
from ..core.errors import InvalidInputError
from ..core.instruments import AssetClass, Calendar, InstrumentInfo
from ..core.symbols import info_of

if TYPE_CHECKING:
    import polars as pl

_VENUE = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_CURRENCY = re.compile(r"[A-Z0-9]{1,16}")
_TIMES_MAX = 1_000_000_000
# These follow the hours of an exchange unless somebody says otherwise.
_WITH_HOURS = {AssetClass.EQUITY, AssetClass.INDEX}


@dataclass(frozen=True, slots=True)
class Told:
    """Words that hold for all instruments of a dataset; what is empty is not said.

    ``instruments`` is a file with ``symbol`` and any of ``base quote settle asset_class calendar
    venue multiplier``, and wins; ``groups`` is a file of who belongs where (``groups.py``).
    """

    venue: str = ""
    settle: str = ""
    asset_class: str = ""
    calendar: str = ""
    instruments: Path | None = None
    groups: Path | None = None


NOTHING = Told()


def instruments_of(symbols: tuple[str, ...], told: Told) -> tuple[InstrumentInfo, ...]:
    """Return each instrument as it was described; nothing when nothing was said.

    Raises:
        InvalidInputError: when a word cannot be, or a symbol of the file is not in the dataset.
    """
    words = {
        name: value
        for name in ("venue", "settle", "asset_class", "calendar")
        if (value := getattr(told, name))
    }
    rows = _rows(told.instruments) if told.instruments is not None else {}
    if not words and not rows:
        return ()
    alien = sorted(set(rows) - set(symbols))
    if alien:
        raise InvalidInputError(
            f"the file of instruments names `{echo(alien[0])}`, which has no bar",
            help="name the symbols as the bars do",
        )
    return tuple(_info(symbol, {**words, **rows.get(symbol, {})}) for symbol in symbols)


def _rows(path: Path) -> dict[str, dict[str, str]]:
    from .reading import read_file

    frame = read_file(path)
    if "symbol" not in frame.columns:
        raise InvalidInputError(
            f"`{echo(path.name)}` has no column `symbol`", help="one row an instrument"
        )
    return {str(row["symbol"]): _words(row) for row in _text(frame).iter_rows(named=True)}


def _text(frame: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return frame.select(pl.all().cast(pl.String).str.strip_chars())


def _words(row: Mapping[str, Any]) -> dict[str, str]:
    known = ("base", "quote", "settle", "asset_class", "calendar", "venue", "multiplier")
    return {name: row[name] for name in known if row.get(name)}


def _info(symbol: str, said: Mapping[str, str]) -> InstrumentInfo:
    info = info_of(symbol)
    kind = AssetClass(_one_of(AssetClass, said["asset_class"])) if "asset_class" in said else None
    if kind is not None:
        calendar = Calendar.TRADING_DAYS if kind in _WITH_HOURS else Calendar.ALWAYS
        info = replace(info, asset_class=kind, calendar=calendar)
    if "calendar" in said:
        info = replace(info, calendar=Calendar(_one_of(Calendar, said["calendar"])))
    info = replace(
        info,
        base=_currency("base", said, info.base),
        quote=_currency("quote", said, info.quote),
        settle=_currency("settle", said, info.settle),
    )
    if "venue" in said:
        info = replace(info, venue=_fitting(_VENUE, "venue", said["venue"]))
    if "multiplier" in said:
        info = replace(info, multiplier=_times(said["multiplier"]))
    return info


def _currency(name: str, said: Mapping[str, str], unsaid: str) -> str:
    return _fitting(_CURRENCY, name, said[name].upper()) if name in said else unsaid


def _one_of(words: type[AssetClass] | type[Calendar], said: str) -> str:
    known = [word.value for word in words]
    if said not in known:
        raise InvalidInputError(f"`{echo(said)}` is none of {', '.join(known)}")
    return said


def _fitting(pattern: re.Pattern[str], what: str, said: str) -> str:
    if not pattern.fullmatch(said):
        raise InvalidInputError(
            f"`{echo(said)}` is no {what}", help="a short word, such as `binance` or `USDT`"
        )
    return said


def _times(said: str) -> int:
    if not said.isascii() or not said.isdecimal() or not 1 <= int(said[:12]) <= _TIMES_MAX:
        raise InvalidInputError(
            f"`{echo(said)}` is no multiplier", help="how many coins a contract is of, such as 1000"
        )
    return int(said)
