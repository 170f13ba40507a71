"""Times of a file as epoch seconds, UTC, whatever they were written as (polars)."""

from datetime import UTC, datetime

import polars as pl

from ..core.diagnostics import echo
from ..core.errors import InvalidInputError

# Bars before or after these come from a wrong unit, not from a market.
_FIRST = int(datetime(1970, 1, 2, tzinfo=UTC).timestamp())
_LAST = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
# The largest epoch second, millisecond, microsecond that is still before the year 2100.
_UNITS = (("s", 1), ("ms", 1_000), ("us", 1_000_000), ("ns", 1_000_000_000))
_ZONE = r"(Z|z|[+-]\d{2}:?\d{2})\s*$"


def seconds_column(values: pl.Series) -> tuple[pl.Series, list[str]]:
    """Return ``ts`` as int64 epoch seconds, with notes on what had to be assumed.

    Raises:
        InvalidInputError: when a time is missing, unreadable, below a second or out of range.
    """
    if values.null_count():
        raise InvalidInputError(
            f"{values.null_count()} rows have no time", help="fill or drop them at the source"
        )
    found, notes = instants(values)
    micros = found.dt.epoch("us")
    seconds = (micros // 1_000_000).cast(pl.Int64).alias("ts")
    split = int((micros % 1_000_000 != 0).sum())
    if split:
        first = found.filter(micros % 1_000_000 != 0)[0]
        raise InvalidInputError(
            f"{split} times are not on a whole second, the first is {first}",
            help="`ts` is the open of the bar: shift or cut the times at the source",
        )
    outside = seconds.filter((seconds < _FIRST) | (seconds >= _LAST))
    if len(outside):
        raise InvalidInputError(
            f"{len(outside)} times are outside 1970 to 2100", help="is the unit of `ts` right?"
        )
    return seconds, notes


def instants(values: pl.Series) -> tuple[pl.Series, list[str]]:
    """Return instants in UTC, to the microsecond, with notes on what had to be assumed.

    Raises:
        InvalidInputError: when a time is unreadable.
    """
    dtype = values.dtype
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is None:
            return values.dt.replace_time_zone("UTC"), ["times without a zone were read as UTC"]
        return values.dt.convert_time_zone("UTC"), []
    if dtype == pl.Date:
        return values.cast(pl.Datetime("us")).dt.replace_time_zone("UTC"), []
    if dtype == pl.String:
        return _from_text(values.str.strip_chars())
    if dtype.is_integer() or dtype.is_float():
        return _from_numbers(values)
    raise InvalidInputError(f"times are {dtype}", help="write them as UTC timestamps")


def _from_text(text: pl.Series) -> tuple[pl.Series, list[str]]:
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == 0:
        return _from_numbers(numbers)
    zoned = text.str.contains(_ZONE) & text.str.contains(":")
    if zoned.any() and not zoned.all():
        raise InvalidInputError(
            "some times have a zone and some have none", help="write all of them in UTC with `Z`"
        )
    notes = [] if zoned.all() else ["times without a zone were read as UTC"]
    plain = text.str.replace(r"[Zz]\s*$", "+00:00").str.replace("T", " ", literal=True)
    shape = "%Y-%m-%d %H:%M:%S%.f%#z" if zoned.all() else "%Y-%m-%d %H:%M:%S%.f"
    padded = plain.str.replace(r"^(\d{4}-\d{2}-\d{2})$", "${1} 00:00:00")
    padded = padded.str.replace(r"^(\d{4}-\d{2}-\d{2} \d{2}:\d{2})($|[+-])", "${1}:00${2}")
    parsed = padded.str.to_datetime(shape, time_unit="us", strict=False)
    bad = text.filter(parsed.is_null())
    if len(bad):
        raise InvalidInputError(
            f"`{echo(bad[0])}` is not a time", help="write `2025-05-01T00:00:00Z` or epoch numbers"
        )
    if parsed.dtype == pl.Datetime("us"):
        parsed = parsed.dt.replace_time_zone("UTC")
    return parsed.dt.convert_time_zone("UTC"), notes


def _from_numbers(values: pl.Series) -> tuple[pl.Series, list[str]]:
    numbers = values.cast(pl.Float64)
    low, high = numbers.min(), numbers.max()
    if not isinstance(low, float) or not isinstance(high, float) or not numbers.is_finite().all():
        raise InvalidInputError("times are not finite numbers", help="write them as UTC timestamps")
    fits = [(unit, per) for unit, per in _UNITS if _FIRST * per <= low and high < _LAST * per]
    # An epoch in ms would be a plausible second only in the year 50000: the smallest unit is right.
    if not fits:
        raise InvalidInputError(
            f"times from {low:g} to {high:g} are no epoch in one unit",
            help="write epoch seconds, milliseconds, microseconds or nanoseconds, all in one unit",
        )
    unit, per = fits[0]
    whole = values.cast(pl.Int64) if values.dtype.is_integer() else numbers.round().cast(pl.Int64)
    micros = whole * (1_000_000 // per) if per <= 1_000_000 else whole // 1_000  # noqa: PLR2004
    instants = micros.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return instants, [f"times were read as epoch {unit}"]
