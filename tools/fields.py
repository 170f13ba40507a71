"""Parts of answers that several tools share, and how domain values become them."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from .tool import Output

if TYPE_CHECKING:
    from ..core.diagnostics import Diagnostic

TEXT_BYTES_MAX = 65_536
CANONICAL_CHARS_MAX = 2_000

# A strategy text or a bare expression; the language page is `search` scope docs.
Text = Annotated[
    str, Field(max_length=TEXT_BYTES_MAX, description="strategy file or bare expression")
]


# The notation of a text; all mean the same where they say the same.
Dialect = Annotated[
    Literal["af", "alpha101", "qlib", "brain"], Field(description="notation of the text")
]


# What is chosen for a text's parameters; the rest stands at its default.
Params = Annotated[
    dict[str, Annotated[str, Field(coerce_numbers_to_str=True)]],
    Field(max_length=64, description='values of `param` names, such as {"k": "3"}'),
]


class SpanFields(Output):
    """Where in the text; line and column count from 1, start and end from 0."""

    start: int
    end: int
    line: int
    column: int


class FixFields(Output):
    """Replace start..end by the text and the fault is mended."""

    start: int
    end: int
    text: str


class DiagnosticFields(Output):
    """One fault or warning of a text."""

    code: str
    severity: str
    message: str
    help: str = ""
    span: SpanFields | None = None
    fix: FixFields | None = None


def diagnostic_fields(diagnostic: "Diagnostic", text: str) -> DiagnosticFields:
    """Say a diagnostic in fields."""
    return DiagnosticFields.model_validate(diagnostic.fields(text))


def shortened(text: str, chars_max: int) -> str:
    """Cut a text that is too long for an answer, and show that it was cut."""
    return text if len(text) <= chars_max else text[: chars_max - 3] + "..."


def finite(metrics: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return metrics in the order of their names, what is not a number as nothing."""
    return {
        name: value if value is not None and math.isfinite(value) else None
        for name, value in sorted(metrics.items())
    }


def brief(value: float | None) -> float | None:
    """Round to six significant digits, enough to compare by."""
    return None if value is None or not math.isfinite(value) else float(f"{value:.6g}")
