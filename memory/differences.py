"""In what experiments differ: data, settings, formula, and the lines of their texts."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from .experiment import Experiment

LINES_MAX = 60
ASPECTS = ("canonical", "dataset", "snapshot", "window", "bar_seconds", "engine")


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect in which they are not all alike, with each one's value in order."""

    what: str
    values: tuple[str, ...]


def differences(experiments: Sequence[Experiment]) -> tuple[Difference, ...]:
    """List the aspects and settings in which experiments differ; what they share is left out."""
    rows = [(name, tuple(str(getattr(item, name)) for item in experiments)) for name in ASPECTS]
    names = sorted({name for item in experiments for name in item.settings})
    rows += [(name, tuple(item.settings.get(name, "") for item in experiments)) for name in names]
    return tuple(Difference(name, values) for name, values in rows if len(set(values)) > 1)


def text_changes(experiments: Sequence[Experiment]) -> tuple[str, ...]:
    """Return what changed from the first text to each other one, as lines of a diff."""
    first = experiments[0]
    lines: list[str] = []
    for other in experiments[1:]:
        if other.text != first.text:
            lines += difflib.unified_diff(
                first.text.splitlines(),
                other.text.splitlines(),
                fromfile=first.id,
                tofile=other.id,
                lineterm="",
                n=1,
            )
    if len(lines) > LINES_MAX:
        return (*lines[:LINES_MAX], f"... {len(lines) - LINES_MAX} more lines")
    return tuple(lines)
