"""CSV text of a known layout: with its header or without, every cell held to its type (polars)."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from ...core.diagnostics import echo
from ...core.errors import InvalidInputError
from ..ingest.fetch import ChangedSchemaError

_WHOLE = pl.Int64
# 1e14 ms lie in the year 5138, 1e14 us in 1973: the size of an epoch says its unit.
_MS_MAX = 100_000_000_000_000
_S_MAX = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file in order; ``optional`` ones may be missing at the end.

    ``aliases`` maps what a header has called a column over the years to our name for it.
    """

    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)


def read_rows(content: bytes, layout: Layout) -> pl.DataFrame:
    """Return the rows of a file as text, under the layout's names, whether it has a header or not.

    Raises:
        ChangedSchemaError: when its columns are others than the layout's.
    """
    names = (*layout.columns, *layout.optional)
    try:
        frame = pl.read_csv(
            io.BytesIO(content), has_header=False, infer_schema=False, truncate_ragged_lines=False
        )
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise ChangedSchemaError(
            "the file is no CSV with the same number of columns in each row",
            help="download it again; if that stays so, the source changed its layout",
        ) from error
    first = [str(cell or "").strip().lower() for cell in frame.row(0)]
    if _is_header(first):
        known = [layout.aliases.get(cell, cell) for cell in first]
        missing = [name for name in layout.columns if name not in known]
        strange = [name for name in known if name not in names]
        if missing or strange:
            raise ChangedSchemaError(
                f"the columns changed: {_listed(strange) or 'none'} new, "
                f"{_listed(missing) or 'none'} missing",
                help="the payload is kept; a newer version of AlphaForge may know the layout",
            )
        return frame.slice(1).rename(dict(zip(frame.columns, known, strict=True)))
    if not len(layout.columns) <= frame.width <= len(names):
        raise ChangedSchemaError(
            f"the rows have {frame.width} columns, not {len(layout.columns)}",
            help="the payload is kept; a newer version of AlphaForge may know the layout",
        )
    return frame.rename(dict(zip(frame.columns, names[: frame.width], strict=True)))


def numbers(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Turn cells of text into float64.

    Raises:
        ChangedSchemaError: when a cell holds something else than a number, or nothing.
    """
    return _cast(frame, columns, pl.Float64)


def integers(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Turn cells of text into int64.

    Raises:
        ChangedSchemaError: when a cell holds something else than a whole number.
    """
    return _cast(frame, columns, _WHOLE)


def instants(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Turn epochs in s, ms or us, told apart by their size, into UTC timestamps in us.

    Raises:
        InvalidInputError: when one file mixes units.
        ChangedSchemaError: when a cell holds no whole number.
    """
    whole = _cast(frame, [column], _WHOLE)
    if whole.height == 0:
        return whole.with_columns(pl.col(column).cast(pl.Datetime("us", "UTC")))
    values = whole.get_column(column)
    scales = {_scale(int(values.min())), _scale(int(values.max()))}  # type: ignore[arg-type]  # Not empty, not null.
    if len(scales) != 1:
        raise InvalidInputError(
            f"`{column}` mixes epochs of several units", help="split the file where they change"
        )
    return whole.with_columns((pl.col(column) * scales.pop()).cast(pl.Datetime("us", "UTC")))


def flags(frame: pl.DataFrame, column: str) -> pl.DataFrame:
    """Turn ``true`` and ``false``, however written, into booleans.

    Raises:
        ChangedSchemaError: when a cell holds another word.
    """
    words = frame.get_column(column).str.strip_chars().str.to_lowercase()
    if not words.is_in(["true", "false"]).all():
        raise _changed(column, "true or false")
    return frame.with_columns((words == "true").alias(column))


def _cast(frame: pl.DataFrame, columns: Sequence[str], kind: type[pl.DataType]) -> pl.DataFrame:
    cast = frame.with_columns(
        pl.col(list(columns)).str.strip_chars().cast(kind, strict=False).name.keep()
    )
    for column in columns:
        if cast.get_column(column).null_count():
            raise _changed(column, "a whole number" if kind is _WHOLE else "a number")
    return cast


def _scale(epoch: int) -> int:
    if epoch < _S_MAX:
        return 1_000_000
    return 1_000 if epoch < _MS_MAX else 1


def _is_header(cells: Sequence[str]) -> bool:
    return not any(cell[:1].isdigit() or cell.startswith("-") for cell in cells if cell)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{echo(name)}`" for name in names)


def _changed(column: str, wanted: str) -> ChangedSchemaError:
    return ChangedSchemaError(
        f"column `{column}` holds a cell that is not {wanted}",
        help="the payload is kept; the source changed its layout, or sent a damaged file",
    )
