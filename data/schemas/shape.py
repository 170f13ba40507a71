"""What a model's field says, read once: type, unit, meaning, domain."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge
from pydantic import AwareDatetime

from .record import Record

_PARTS: dict[Any, str] = {
    str: "text",
    int: "int64",
    float: "float64",
    datetime: "timestamp",
    AwareDatetime: "timestamp",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One column: ``type`` is text, int64, float64 or timestamp (microseconds, UTC)."""

    name: str
    type: str
    is_optional: bool
    unit: str
    doc: str
    is_not_negative: bool
    choices: tuple[str, ...]
    default: float | None


def shapes(model: type[Record]) -> tuple[Shape, ...]:
    """Return the columns of a kind in their order: who, when, and then what."""
    found = [_shape(name, field) for name, field in model.model_fields.items()]
    first = (model.ENTITY, "event_at", "available_at")
    by_name = {shape.name: shape for shape in found}
    return (*(by_name[name] for name in first), *(s for s in found if s.name not in first))


def _shape(name: str, field: Any) -> Shape:  # noqa: ANN401  # pydantic's FieldInfo.
    kinds = list(_leaves(field.annotation))
    choices = tuple(leaf for leaf in kinds if isinstance(leaf, str))
    types = [leaf for leaf in kinds if isinstance(leaf, type) and leaf is not type(None)]
    bounds = [item for item in field.metadata if isinstance(item, Ge)]
    extra = field.json_schema_extra or {}
    return Shape(
        name=name,
        type="text" if choices else _PARTS[types[0]],
        is_optional=type(None) in kinds,
        unit=str(extra.get("unit", "UTC, us")),
        doc=str(field.description),
        is_not_negative=bool(bounds),
        choices=choices,
        default=None if field.is_required() else field.default,
    )


def _leaves(annotation: Any) -> Iterator[Any]:  # noqa: ANN401  # Any annotation.
    """Yield the plain types of an annotation, and the texts that a literal allows."""
    origin = get_origin(annotation)
    if origin is Literal:
        yield from get_args(annotation)
    elif origin is Annotated:
        yield from _leaves(get_args(annotation)[0])
    elif origin in {Union, UnionType}:
        for part in get_args(annotation):
            yield from _leaves(part)
    else:
        yield annotation
