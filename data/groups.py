"""Groups of instruments from a file of their own: who belonged where, and from when on (polars).

The file has a column ``symbol``, one or more of ``sector``, ``industry``, ``subindustry``, and
perhaps ``from``: the instant from which a row holds. A bar gets the last row that held at its open.
"""

import polars as pl

from ..core.diagnostics import echo
from ..core.errors import InvalidInputError
from .columns import Labels, codes, is_group, pick, symbols_of
from .fields import ALIASES, GROUPS, SYMBOL_NAMES
from .instants import seconds_column
from .names import field_name

FROM_NAMES = ("from", "since", "valid_from", "ts")
_ALWAYS = "groups without a `from` hold for all bars: who belongs where is known with hindsight"


def with_groups(frame: pl.DataFrame, raw: pl.DataFrame) -> tuple[pl.DataFrame, list[str], Labels]:
    """Return rows (``ts`` in epoch seconds, ``symbol``) with their groups as codes, and the names.

    Raises:
        InvalidInputError: when a column is missing, there twice, or a row says two things.
    """
    groups, notes, labels = _read(raw)
    fields = [name for name in groups.columns if name in GROUPS]
    twice = next((name for name in fields if name in frame.columns), None)
    if twice is not None:
        raise InvalidInputError(
            f"`{twice}` is in the bars and in the groups", help="drop one of the two columns"
        )
    joined = frame.sort("ts").join_asof(
        groups.sort("ts"), on="ts", by="symbol", check_sortedness=False
    )
    known = set(groups.get_column("symbol"))
    without = sorted(set(frame.get_column("symbol")) - known)
    if without:
        notes.append(f"{len(without)} symbols have no group, the first is {without[0]}")
    return joined, notes, labels


def _read(raw: pl.DataFrame) -> tuple[pl.DataFrame, list[str], Labels]:
    symbol = pick(raw, SYMBOL_NAMES, "symbols", "`symbol` with the instrument's name")
    columns = [symbols_of(raw.get_column(symbol))]
    notes: list[str] = []
    if any(name.strip().lower() in FROM_NAMES for name in raw.columns):
        start = pick(raw, FROM_NAMES, "times", "`from` with the first instant in UTC")
        seconds, notes = seconds_column(raw.get_column(start).alias("ts"))
        columns.append(seconds)
    else:
        notes.append(_ALWAYS)
        columns.append(pl.repeat(0, raw.height, dtype=pl.Int64, eager=True).alias("ts"))
    labels: Labels = {}
    for name in filter(is_group, raw.columns):
        field = ALIASES.get(field_name(name), field_name(name))
        values, names = codes(raw.get_column(name))
        columns.append(values.alias(field))
        if names:
            labels[field] = names
    if len(columns) == 2:  # noqa: PLR2004  # Symbol and time alone.
        raise InvalidInputError(
            f"no column is one of {', '.join(GROUPS)}: {echo(', '.join(raw.columns))}",
            help="give a file with `symbol`, `sector` and, where it changed, `from`",
        )
    groups = pl.DataFrame(columns)
    twins = groups.filter(groups.select("symbol", "ts").is_duplicated())
    if twins.height:
        raise InvalidInputError(
            f"`{twins.item(0, 'symbol')}` is in two rows of groups that begin together",
            help="keep one row for a symbol and instant",
        )
    return groups, notes, labels
