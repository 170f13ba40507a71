"""The page on the kinds of records, made from their models."""

from .kinds import KINDS
from .record import Record
from .shape import Shape, shapes

_HEAD = """# Kinds of records

This page is made from `data/schemas/` by `make docs`.

Every row says when it held (`event_at`) and from when on it could be known (`available_at`);
nothing is ever read before the latter. Instants are UTC in microseconds. Rows of one key are
revisions of one fact. Tables carry three further columns: `venue`, `bar_seconds` (0 where there is
no bar) and `month` (of `event_at`), by which they are partitioned. An optional column may be left
out by a source; a cell without a value is null, and NaN is read as null. Amounts are finite and
never below 0; a price of 0 that was received is kept, and the checks find it.
"""


def schema_page() -> str:
    """Return the page as markdown."""
    return "\n".join([_HEAD, *(_section(model) for model in KINDS.values())])


def _section(model: type[Record]) -> str:
    key = ", ".join(f"`{name}`" for name in model.KEY)
    doc = (model.__doc__ or "").strip().replace("``", "`")
    lines = [
        f"## {model.KIND}\n",
        f"{doc} Version {model.VERSION}; key {key}.\n",
        "| column | type | unit | meaning |",
        "|---|---|---|---|",
        *(_row(shape) for shape in shapes(model)),
        "",
    ]
    return "\n".join(lines)


def _row(shape: Shape) -> str:
    kind = f"{shape.type}, optional" if shape.is_optional else shape.type
    unit = " or ".join(f"`{choice}`" for choice in shape.choices) or shape.unit
    return f"| `{shape.name}` | {kind} | {unit} | {shape.doc} |"
