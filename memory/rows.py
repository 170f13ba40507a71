"""An experiment as a row of the store, and back."""

import json
import math
import sqlite3
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from .experiment import Experiment, ExperimentKind, Metrics

LISTS = ("operators", "fields", "artifacts")
MAPPINGS = ("settings", "metrics")
COLUMNS = tuple(field.name for field in fields(Experiment))


def metrics_text(metrics: Metrics) -> str:
    """Write metrics as the bytes that are promised: sorted keys, shortest floats, null for NaN."""
    return json.dumps(
        {name: None if _is_missing(value) else value for name, value in metrics.items()},
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
    )


def _is_missing(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def to_row(experiment: Experiment) -> dict[str, str | int]:
    """Turn an experiment into column values."""
    row: dict[str, str | int] = {}
    for name in COLUMNS:
        value = getattr(experiment, name)
        if name == "metrics":
            row[name] = metrics_text(value)
        elif name in LISTS or name in MAPPINGS:
            row[name] = json.dumps(
                list(value) if name in LISTS else dict(value), sort_keys=True, ensure_ascii=False
            )
        elif name == "kind":
            row[name] = ExperimentKind(value).value
        else:
            row[name] = value
    return row


def from_row(row: sqlite3.Row | Mapping[str, Any]) -> Experiment:
    """Read an experiment from its columns."""
    values: dict[str, Any] = {name: row[name] for name in COLUMNS}
    for name in (*LISTS, *MAPPINGS):
        loaded = json.loads(values[name])
        values[name] = tuple(loaded) if name in LISTS else loaded
    values["kind"] = ExperimentKind(values["kind"])
    return Experiment(**values)
