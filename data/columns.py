"""Which column is what: times, symbols, fields; numbers become float64 (polars)."""

import polars as pl

from ..core.diagnostics import echo
from ..core.errors import InvalidInputError
from .fields import ALIASES, COLUMNS, GROUPS, SYMBOL_NAMES, TIME_NAMES
from .names import field_name, is_symbol

SYMBOLS_MAX = 10_000
_EXACT_MAX = 2**53


Labels = dict[str, tuple[str, ...]]


def named(raw: pl.DataFrame) -> tuple[pl.DataFrame, list[str], Labels]:
    """Return ``ts`` as it is, ``symbol`` as text and every numeric column as float64, with notes.

    Groups by name become codes: the places of the names in the labels, which are sorted.

    Raises:
        InvalidInputError: when a column is missing, twice there, or holds what it cannot hold.
    """
    notes: list[str] = []
    time = pick(raw, TIME_NAMES, "times", "`ts` with the bar's open in UTC")
    symbol = pick(raw, SYMBOL_NAMES, "symbols", "`symbol` with the instrument's name")
    out = [raw.get_column(time).alias("ts"), symbols_of(raw.get_column(symbol))]
    taken: dict[str, str] = {}
    labels: Labels = {}
    for name in raw.columns:
        if name in {time, symbol}:
            continue
        values = _values(raw.get_column(name), notes, labels)
        if values is None:
            continue
        field = _field_of(name)
        if field in taken:
            raise InvalidInputError(
                f"columns `{echo(taken[field])}` and `{echo(name)}` are both `{field}`",
                help="rename or drop one of them",
            )
        taken[field] = name
        out.append(values.alias(field))
    if not taken:
        raise InvalidInputError(
            "there is no column of numbers",
            help="a file of bars has open, high, low, close, volume",
        )
    renamed = [f"{old} -> {new}" for new, old in sorted(taken.items()) if new != old]
    if renamed:
        notes.append(f"columns renamed: {echo(', '.join(renamed))}")
    return pl.DataFrame(out), notes, labels


def is_group(column: str) -> bool:
    """Tell whether a column of a file says who belongs together."""
    field = field_name(column)
    return ALIASES.get(field, field) in GROUPS


def codes(values: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """Return the place of each name among the sorted names; whole numbers stay as they are."""
    text = values.cast(pl.String).str.strip_chars()
    text = text.set(text == "", None)
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        return numbers.fill_nan(None), ()
    names = sorted(text.drop_nulls().unique())
    places = text.cast(pl.Enum(names)).to_physical().cast(pl.Float64)
    return places.alias(values.name), tuple(names)


def pick(raw: pl.DataFrame, known: tuple[str, ...], what: str, wanted: str) -> str:
    """Return the one column that has one of the known names.

    Raises:
        InvalidInputError: when none has, or several have.
    """
    found = [name for name in raw.columns if name.strip().lower() in known]
    exact = [name for name in found if name.strip().lower() == known[0]]
    chosen = exact if len(exact) == 1 else found
    if len(chosen) == 1:
        return chosen[0]
    if not chosen:
        columns = echo(", ".join(raw.columns))
        raise InvalidInputError(f"no column holds {what} among {columns}", help=f"add {wanted}")
    raise InvalidInputError(
        f"columns {echo(', '.join(chosen))} could all hold {what}", help=f"keep one, named {wanted}"
    )


def _field_of(column: str) -> str:
    field = field_name(column)
    if not field:
        raise InvalidInputError(
            f"column `{echo(column)}` cannot be a field",
            help="name it with letters, digits and `_`",
        )
    return ALIASES.get(field, field)


def symbols_of(values: pl.Series) -> pl.Series:
    """Return symbols as text.

    Raises:
        InvalidInputError: when one is missing or cannot name an instrument.
    """
    dtype = values.dtype
    if not (dtype.is_integer() or dtype in {pl.String, pl.Categorical, pl.Enum, pl.Null}):
        raise InvalidInputError(
            f"symbols are {dtype}", help="write each as a word, such as BTCUSDT"
        )
    text = values.cast(pl.String).str.strip_chars().alias("symbol")
    missing = text.null_count() + int((text == "").sum())
    if missing:
        raise InvalidInputError(
            f"{missing} rows name no symbol", help="fill or drop them at the source"
        )
    unique = text.unique()
    if len(unique) > SYMBOLS_MAX:
        raise InvalidInputError(
            f"{len(unique)} symbols are more than {SYMBOLS_MAX}", help="is this the symbol column?"
        )
    bad = sorted(name for name in unique if not is_symbol(name))
    if bad:
        raise InvalidInputError(
            f"`{echo(bad[0])}` is not a symbol",
            help="use letters, digits and `_.:/-`, at most 64 characters",
        )
    return text


def _values(raw: pl.Series, notes: list[str], labels: Labels) -> pl.Series | None:
    """Return numbers, or the codes of groups by name; None: not a column of numbers."""
    if not is_group(raw.name) or raw.dtype.is_numeric():
        return _numbers(raw, notes)
    values, names = codes(raw)
    if names:
        labels[_field_of(raw.name)] = names
    return values


def _numbers(values: pl.Series, notes: list[str]) -> pl.Series | None:
    """Return float64 with NaN as null; None: not a column of numbers."""
    name = values.name
    if values.dtype == pl.Null:
        values = values.cast(pl.Float64)
    if values.dtype == pl.String:
        return _parsed(values, notes)
    if not (values.dtype.is_numeric() or values.dtype == pl.Boolean):
        _require_not_core(name, f"is {values.dtype}")
        notes.append(f"column `{echo(name)}` left out: it is {values.dtype}, not numbers")
        return None
    if values.dtype.is_integer() and len(values):
        largest = values.cast(pl.Float64).abs().max()
        if isinstance(largest, float) and largest > _EXACT_MAX:
            notes.append(f"column `{echo(name)}` holds integers beyond 2**53: the last digits go")
    return values.cast(pl.Float64).fill_nan(None)


def _parsed(values: pl.Series, notes: list[str]) -> pl.Series | None:
    numbers = values.str.strip_chars().cast(pl.Float64, strict=False)
    bad = values.filter(numbers.is_null() & values.is_not_null())
    if len(bad):
        _require_not_core(values.name, f"holds `{echo(bad[0])}`")
        notes.append(f"column `{echo(values.name)}` left out: it holds text")
        return None
    return numbers.fill_nan(None)


def _require_not_core(column: str, why: str) -> None:
    if _field_of(column) in COLUMNS:
        raise InvalidInputError(
            f"column `{echo(column)}` {why}, not numbers", help="mend or drop it at the source"
        )
