"""What a worker is told: one file, from which the run follows entirely."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..memory.trials import TrialCount
from .limits import RunLimits


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt of a run; fingerprint and engine are what the worker must come to as well."""

    run_id: str
    attempt: int
    text: str
    bar_seconds: int
    strategy_fingerprint: str
    dataset: str
    snapshot: str
    engine: str
    home: str
    lake: str
    kernels: str
    limits: RunLimits
    trials: TrialCount
    has_report: bool = True
    # Alias, name and snapshot of each data set beside the traded one.
    sources: tuple[tuple[str, str, str], ...] = ()

    def data(self) -> bytes:
        """Return the job as JSON."""
        return json.dumps(asdict(self), sort_keys=True, indent=1).encode()


def read_job(path: Path) -> Job:
    """Read what ``Job.data`` wrote."""
    values = json.loads(path.read_bytes())
    limits, trials = RunLimits(**values["limits"]), TrialCount(**values["trials"])
    sources = tuple((alias, name, snapshot) for alias, name, snapshot in values["sources"])
    return Job(**{**values, "limits": limits, "trials": trials, "sources": sources})
