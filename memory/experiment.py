"""An experiment: one thing that was tried, and what came of it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..core.principals import DEFAULT_TENANT

Metrics = Mapping[str, float | None]


class ExperimentKind(StrEnum):
    """What was tried."""

    COMPILE = "compile"  # a text was checked, no data was seen
    RUN = "run"  # a strategy met data: a trial, whatever came of it
    REFUSAL = "refusal"  # a policy or a budget said no before any data was seen


@dataclass(frozen=True, slots=True)
class Experiment:
    """One record; written by the system from what happened, never by an agent.

    ``created_at`` is set by the store when empty; ``window`` is ``start..end`` in UTC; ``tree`` is
    the canonical signal as ``dsl/branches.py`` writes it; ``settings`` are the strategy's other
    choices, flat, as text.
    """

    id: str
    kind: ExperimentKind
    state: str
    author: str
    created_at: str = ""
    tenant: str = DEFAULT_TENANT
    run_id: str = ""
    name: str = ""
    doc: str = ""
    text: str = ""
    canonical: str = ""
    tree: str = ""
    signal_fingerprint: str = ""
    strategy_fingerprint: str = ""
    run_fingerprint: str = ""
    dataset: str = ""
    snapshot: str = ""
    engine: str = ""
    bar_seconds: int = 0
    window: str = ""
    operators: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    metrics: Metrics = field(default_factory=dict)
    artifacts: tuple[str, ...] = ()
    parent: str = ""
    error: str = ""

    def metric(self, name: str) -> float | None:
        """Return a metric, or nothing when it is absent or was not a number."""
        value = self.metrics.get(name)
        return None if value is None or math.isnan(value) else float(value)
