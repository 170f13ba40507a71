"""A run as the control store keeps it."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from ..memory.experiment import Experiment
from ..memory.rows import from_row, to_row
from .outcome import Fault
from .states import State


@dataclass(frozen=True, slots=True)
class Run:
    """``prepared`` is the experiment without its outcome; ``version`` grows with every move.

    ``batch`` names the batch whose worker computes it, and ``batch_attempt`` which of its workers.
    """

    run_id: str
    tenant: str
    author: str
    lineage: str
    state: State
    fingerprint: str
    run_fingerprint: str
    created_at: str
    updated_at: str
    prepared: Experiment
    version: int = 1
    attempt: int = 0
    failures: int = 0
    metrics: str = "{}"
    artifacts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fault: Fault | None = None
    batch: str = ""
    batch_attempt: int = 0

    @property
    def experiment_id(self) -> str:
        """Return the id of the experiment that this run is."""
        return self.prepared.id

    def experiment(self) -> Experiment:
        """Return the experiment as the run's state leaves it."""
        return replace(
            self.prepared,
            state=self.state.value,
            metrics=json.loads(self.metrics),
            artifacts=self.artifacts,
            error=self.fault.sentence() if self.fault else "",
        )


PLAIN = (
    "run_id",
    "tenant",
    "author",
    "lineage",
    "fingerprint",
    "run_fingerprint",
    "created_at",
    "updated_at",
    "version",
    "attempt",
    "failures",
    "metrics",
    "batch",
    "batch_attempt",
)
COLUMNS = tuple(field.name for field in fields(Run))


def row_of(run: Run) -> dict[str, str | int]:
    """Turn a run into column values."""
    fault = run.fault
    row: dict[str, str | int] = {name: getattr(run, name) for name in PLAIN}
    row["state"] = run.state.value
    row["prepared"] = json.dumps(to_row(run.prepared), sort_keys=True)
    row["artifacts"] = json.dumps(list(run.artifacts))
    row["notes"] = json.dumps(list(run.notes))
    row["fault"] = (
        "" if fault is None else json.dumps([fault.code, fault.message, fault.help, fault.is_final])
    )
    return row


def run_from(row: sqlite3.Row | Mapping[str, Any]) -> Run:
    """Read a run from its columns."""
    values: dict[str, Any] = {name: row[name] for name in PLAIN}
    return Run(
        **values,
        state=State(row["state"]),
        prepared=from_row(json.loads(row["prepared"])),
        artifacts=tuple(json.loads(row["artifacts"])),
        notes=tuple(json.loads(row["notes"])),
        fault=Fault(*json.loads(row["fault"])) if row["fault"] else None,
    )
