"""What a worker is told: one file, from which its runs follow entirely."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from ..memory.trials import TrialCount
from .limits import RunLimits


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt of a run; fingerprint and engine are what the worker must come to as well.

    ``expected`` are the metrics of a run that was done before and is only to be drawn.
    """

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
    expected: str = ""
    # Where sub-expressions are kept, and how much of them; nothing: they are not.
    cache: str = ""
    cache_bytes: int = 0

    def data(self) -> bytes:
        """Return the job as JSON."""
        return _json(asdict(self))


@dataclass(frozen=True, slots=True)
class Variant:
    """What tells one run of a batch from the others."""

    run_id: str
    attempt: int
    text: str
    strategy_fingerprint: str
    engine: str


@dataclass(frozen=True, slots=True)
class BatchJob:
    """Runs on one data slice and one grid of bars, as ``first`` has them."""

    first: Job
    variants: tuple[Variant, ...]

    @property
    def home(self) -> str:
        """Return the home of all of them."""
        return self.first.home

    def jobs(self) -> Iterator[Job]:
        """Return the job of each run as it would be alone; a variant is drawn when asked for."""
        for item in self.variants:
            yield replace(
                self.first,
                run_id=item.run_id,
                attempt=item.attempt,
                text=item.text,
                strategy_fingerprint=item.strategy_fingerprint,
                engine=item.engine,
                has_report=False,
            )

    def data(self) -> bytes:
        """Return the batch as JSON."""
        return _json({"first": asdict(self.first), "variants": [asdict(v) for v in self.variants]})


def read_job(path: Path) -> Job | BatchJob:
    """Read what ``data`` of either wrote."""
    values = json.loads(path.read_bytes())
    if "variants" not in values:
        return _job_from(values)
    variants = tuple(Variant(**item) for item in values["variants"])
    return BatchJob(_job_from(values["first"]), variants)


def _job_from(values: Mapping[str, Any]) -> Job:
    limits, trials = RunLimits(**values["limits"]), TrialCount(**values["trials"])
    sources = tuple((alias, name, snapshot) for alias, name, snapshot in values["sources"])
    return Job(**{**values, "limits": limits, "trials": trials, "sources": sources})


def _json(values: Mapping[str, object]) -> bytes:
    return json.dumps(values, sort_keys=True, indent=1).encode()
