"""The door through which a file of bars is read: Parquet or CSV, as it is (polars)."""

import codecs
import re
from pathlib import Path

import polars as pl

from ..core.diagnostics import echo
from ..core.errors import InvalidInputError, LimitError

ROWS_MAX = 50_000_000
CSV_BYTES_MAX = 4 * 1024**3
COLUMNS_MAX = 500
_PARQUET = b"PAR1"
_SNIFF_BYTES = 65_536
_PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ")
# What polars calls the second column of one name.
_TWIN = re.compile(r"_duplicated_[0-9]+\Z")
_EMPTY_WORDS = ["", "nan", "NaN", "NAN", "null", "NULL", "None", "NA", "N/A"]


def read_file(path: Path) -> pl.DataFrame:
    """Return the rows of a file with the columns it has; CSV cells stay text.

    Raises:
        InvalidInputError: when it is no readable Parquet or CSV file, or holds no row.
        LimitError: when it holds more rows or columns than one import may.
    """
    if not path.is_file():
        raise InvalidInputError(
            f"there is no file `{echo(str(path))}`", help="give the path of a Parquet or CSV file"
        )
    with path.open("rb") as stream:
        magic = stream.read(_SNIFF_BYTES)
    frame = _parquet(path) if magic.startswith(_PARQUET) else _csv(path, magic)
    if frame.height == 0:
        raise InvalidInputError(
            f"`{echo(path.name)}` holds no row", help="give a file with at least two bars"
        )
    return frame


def _parquet(path: Path) -> pl.DataFrame:
    try:
        lazy = pl.scan_parquet(path, glob=False, hive_partitioning=False)
        _within(path, columns=len(lazy.collect_schema()))
        _within(path, rows=int(lazy.select(pl.len()).collect().item()))
        return lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise InvalidInputError(
            f"`{echo(path.name)}` starts like Parquet and cannot be read to its end",
            help="download or write the file again: it is cut off or damaged",
        ) from error


def _csv(path: Path, magic: bytes) -> pl.DataFrame:
    if any(magic.startswith(packed) for packed in _PACKED):
        raise InvalidInputError(
            f"`{echo(path.name)}` is a packed file", help="unpack it, then import what was inside"
        )
    size = path.stat().st_size
    if size > CSV_BYTES_MAX:
        raise LimitError(
            f"{size} bytes of CSV are too many", help="write it as Parquet, or split it"
        )
    try:
        # A character may be cut at the end of what was read; anything else must be text.
        codecs.getincrementaldecoder("utf-8")().decode(magic)
        frame = pl.read_csv(path, infer_schema=False, null_values=_EMPTY_WORDS, glob=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError, OSError) as error:
        raise InvalidInputError(
            f"`{echo(path.name)}` is neither Parquet nor CSV",
            help="give a Parquet file, or UTF-8 CSV with one header line and commas",
        ) from error
    _within(path, rows=frame.height, columns=frame.width)
    twins = [name for name in frame.columns if _TWIN.sub("", name) in set(frame.columns) - {name}]
    if twins:
        raise InvalidInputError(
            f"`{echo(path.name)}` has two columns `{echo(_TWIN.sub('', twins[0]))}`",
            help="rename or drop one of them",
        )
    return frame


def _within(path: Path, *, rows: int = 0, columns: int = 0) -> None:
    if rows > ROWS_MAX or columns > COLUMNS_MAX:
        raise LimitError(
            f"`{echo(path.name)}` has {rows or columns} {'rows' if rows else 'columns'}",
            help=f"one import takes {ROWS_MAX} rows and {COLUMNS_MAX} columns: split the file",
        )
