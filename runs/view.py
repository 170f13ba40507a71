"""What a caller sees of a run."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from .outcome import Fault
from .record import Run
from .states import State


@dataclass(frozen=True, slots=True)
class RunView:
    """A run at one moment; ``progress`` is a share of 1.

    ``metrics_text`` are the promised bytes: the same for every answer about the same run.
    """

    run_id: str
    experiment_id: str
    state: State
    attempt: int
    progress: float
    message: str
    fingerprint: str
    run_fingerprint: str
    dataset: str
    snapshot: str
    window: str
    author: str
    created_at: str
    updated_at: str
    metrics_text: str
    artifacts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    fault: Fault | None = None
    is_from_memory: bool = False

    @property
    def metrics(self) -> Mapping[str, float | None]:
        """Return the metrics by name."""
        found: dict[str, float | None] = json.loads(self.metrics_text)
        return found

    @property
    def error(self) -> str:
        """Return why it failed, in a sentence; of a run that did not, nothing."""
        return self.fault.sentence() if self.fault else ""


def view_of(run: Run, *, progress: float, message: str, is_from_memory: bool = False) -> RunView:
    """Show a run."""
    return RunView(
        run_id=run.run_id,
        experiment_id=run.experiment_id,
        state=run.state,
        attempt=run.attempt,
        progress=progress,
        message=message,
        fingerprint=run.fingerprint,
        run_fingerprint=run.run_fingerprint,
        dataset=run.prepared.dataset,
        snapshot=run.prepared.snapshot,
        window=run.prepared.window,
        author=run.author,
        created_at=run.created_at,
        updated_at=run.updated_at,
        metrics_text=run.metrics,
        artifacts=run.artifacts,
        notes=run.notes,
        fault=run.fault,
        is_from_memory=is_from_memory,
    )
