"""The door to Arrow: the schema of a kind, and tables brought to it (pyarrow).

1. Every column is there and known; an optional one that is not is filled with nothing.
2. Types are cast without loss; NaN is nothing; instants have a zone.
3. Domains are checked; the first wrong cell is named by column and row.
"""

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from ...core.diagnostics import echo
from ...core.errors import InvalidInputError
from ...core.nearest import nearest
from .kinds import model_of
from .record import NAME_CHARS_MAX
from .shape import Shape, shapes

if TYPE_CHECKING:
    from .record import Record

_TYPES = {
    "text": pa.string(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}


def arrow_schema(kind: str) -> "pa.Schema":
    """Return the Arrow schema of a kind; units, meanings and the version are metadata."""
    model = model_of(kind)
    fields = [
        pa.field(
            shape.name,
            _TYPES[shape.type],
            nullable=shape.is_optional,
            metadata={"unit": shape.unit, "doc": shape.doc},
        )
        for shape in shapes(model)
    ]
    return pa.schema(fields, metadata={"kind": kind, "version": str(model.VERSION)})


def conformed(kind: str, table: "pa.Table") -> "pa.Table":
    """Return a table with exactly the columns, types and order of its kind.

    Raises:
        InvalidInputError: when a column is unknown or missing, or a cell is outside its domain;
            names the column and the row.
    """
    model = model_of(kind)
    known = shapes(model)
    _require_columns(kind, table.column_names, known)
    columns = [_column(kind, table, shape) for shape in known]
    out = pa.Table.from_arrays(columns, schema=arrow_schema(kind))
    _require_known_after(model, out)
    return out


def _require_columns(kind: str, names: list[str], known: tuple[Shape, ...]) -> None:
    allowed = [shape.name for shape in known]
    for name in names:
        if name not in allowed or names.count(name) > 1:
            meant = nearest(name, allowed)
            raise InvalidInputError(
                f"`{kind}` has no column `{echo(name)}`"
                if name not in allowed
                else f"the column `{name}` is there twice",
                help=f"did you mean `{meant}`?" if meant else "columns: " + ", ".join(allowed),
            )
    for shape in known:
        if shape.name not in names and not shape.is_optional and shape.default is None:
            raise InvalidInputError(
                f"the column `{shape.name}` of `{kind}` is missing", help=f"it is {shape.doc}"
            )


def _column(kind: str, table: "pa.Table", shape: Shape) -> "pa.ChunkedArray":
    target = _TYPES[shape.type]
    if shape.name not in table.column_names:
        filler = pa.scalar(shape.default, target)
        return pa.chunked_array([pa.repeat(filler, table.num_rows)], type=target)
    column = _cast(kind, table.column(shape.name), shape)
    if shape.default is not None:
        column = pc.fill_null(column, pa.scalar(shape.default, target))
    if not shape.is_optional:
        _refuse(kind, shape, column, pc.is_null(column), "is not there")
    if shape.type == "float64":
        _refuse(kind, shape, column, pc.is_inf(column), "is infinite")
    if shape.is_not_negative:
        _refuse(kind, shape, column, pc.less(column, pa.scalar(0, target)), "is negative")
    if shape.choices:
        wrong = pc.invert(pc.is_in(column, value_set=pa.array(shape.choices)))
        wrong = pc.and_(wrong, pc.is_valid(column))
        _refuse(kind, shape, column, wrong, "is none of " + ", ".join(shape.choices))
    elif shape.type == "text":
        length = pc.utf8_length(column)
        wrong = pc.or_(pc.equal(length, 0), pc.greater(length, NAME_CHARS_MAX))
        _refuse(kind, shape, column, wrong, f"has not 1 to {NAME_CHARS_MAX} characters")
    return column


def _cast(kind: str, column: "pa.ChunkedArray", shape: Shape) -> "pa.ChunkedArray":
    target = _TYPES[shape.type]
    if shape.type == "timestamp":
        is_dated = pa.types.is_timestamp(column.type) and column.type.tz is not None
        if not is_dated and not pa.types.is_null(column.type):
            raise InvalidInputError(
                f"`{shape.name}` of `{kind}` is {column.type}, no instant with a zone",
                help="give timestamps in UTC",
            )
        # Nanoseconds are cut to microseconds: the table format knows no finer instant.
        return column.cast(target, safe=False)
    try:
        column = column.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InvalidInputError(
            f"`{shape.name}` of `{kind}` cannot be read as {shape.type}: {echo(str(error))}",
            help=f"it is {shape.doc}, in {shape.unit}",
        ) from error
    if shape.type == "float64":
        nothing = pa.scalar(None, target)
        return pc.if_else(pc.fill_null(pc.is_nan(column), False), nothing, column)
    return column


def _refuse(
    kind: str, shape: Shape, column: "pa.ChunkedArray", wrong: "pa.ChunkedArray", what: str
) -> None:
    row = pc.index(wrong, pa.scalar(True)).as_py()
    if row < 0:
        return
    raise InvalidInputError(
        f"`{shape.name}` of row {row} of `{kind}` {what}: `{echo(str(column[row].as_py()))}`",
        help=f"it is {shape.doc}, in {shape.unit}",
    )


def _require_known_after(model: "type[Record]", table: "pa.Table") -> None:
    """Refuse rows that claim to be known before what they say has happened."""
    if model.IS_FORESEEN:
        return
    early = pc.less(table.column("available_at"), table.column("event_at"))
    row = pc.index(early, pa.scalar(True)).as_py()
    if row < 0:
        return
    raise InvalidInputError(
        f"`available_at` of row {row} of `{model.KIND}` lies before its `event_at`",
        help="where a recorder's clock runs behind the venue's, give the later of the two",
    )
