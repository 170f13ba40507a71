"""Lay experiments side by side: figures, luck, likeness, differences, and a plain verdict."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..core.errors import InvalidInputError
from .deflate import Deflated, deflate
from .differences import Difference, differences, text_changes
from .experiment import Experiment
from .trials import TrialCount

EXPERIMENTS_MAX = 50
# Fewer common bars say nothing about how two runs move together.
COMMON_MIN = 30
SAME_CORRELATION = 0.95


@dataclass(frozen=True, slots=True)
class Returns:
    """Net returns of one run: bar opens in epoch seconds, ascending, and one value each."""

    times: Sequence[int]
    values: Sequence[float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Rows are in the order of the experiments that were given.

    ``metrics`` has a value or nothing for each experiment; ``correlation`` is a square matrix.
    """

    experiments: tuple[Experiment, ...]
    metrics: Mapping[str, tuple[float | None, ...]]
    deflated: tuple[Deflated | None, ...]
    correlation: tuple[tuple[float | None, ...], ...]
    differences: tuple[Difference, ...]
    text_changes: tuple[str, ...]
    best: str
    verdict: str


def compare(
    experiments: Sequence[Experiment],
    *,
    counts: Mapping[str, TrialCount],
    returns: Mapping[str, Returns],
) -> Comparison:
    """Compare experiments; ``counts`` are trials by dataset, ``returns`` series by experiment id.

    Raises:
        InvalidInputError: for no experiment, too many, or one named twice.
    """
    _check(experiments)
    judged = tuple(
        deflate(item, counts[item.dataset]) if item.dataset in counts else None
        for item in experiments
    )
    correlation = _correlations(experiments, returns)
    best = _best(experiments, judged)
    return Comparison(
        experiments=tuple(experiments),
        metrics=_table(experiments),
        deflated=judged,
        correlation=correlation,
        differences=differences(experiments),
        text_changes=text_changes(experiments),
        best="" if best is None else experiments[best].id,
        verdict=_verdict(experiments, judged, correlation, best),
    )


def correlation_of(one: Returns, other: Returns) -> float | None:
    """Return Pearson's correlation over the common bars; nothing when they are too few or flat."""
    if tuple(one.times) == tuple(other.times):
        pairs = list(zip(one.values, other.values, strict=True))
    else:
        known = dict(zip(other.times, other.values, strict=True))
        both = zip(one.times, one.values, strict=True)
        pairs = [(value, known[time]) for time, value in both if time in known]
    pairs = [(a, b) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    if len(pairs) < COMMON_MIN:
        return None
    mean_a = math.fsum(a for a, _ in pairs) / len(pairs)
    mean_b = math.fsum(b for _, b in pairs) / len(pairs)
    squares_a = math.fsum((a - mean_a) ** 2 for a, _ in pairs)
    squares_b = math.fsum((b - mean_b) ** 2 for _, b in pairs)
    if squares_a == 0 or squares_b == 0:
        return None
    product = math.fsum((a - mean_a) * (b - mean_b) for a, b in pairs)
    return max(-1.0, min(1.0, product / math.sqrt(squares_a * squares_b)))


def _check(experiments: Sequence[Experiment]) -> None:
    if not 1 <= len(experiments) <= EXPERIMENTS_MAX:
        raise InvalidInputError(
            f"{len(experiments)} experiments are given", help=f"name 1 to {EXPERIMENTS_MAX}"
        )
    ids = [item.id for item in experiments]
    twice = next((key for key in ids if ids.count(key) > 1), None)
    if twice is not None:
        raise InvalidInputError(f"`{twice}` is named twice", help="name each experiment once")


def _table(experiments: Sequence[Experiment]) -> dict[str, tuple[float | None, ...]]:
    names = sorted({name for item in experiments for name in item.metrics})
    return {name: tuple(item.metric(name) for item in experiments) for name in names}


def _correlations(
    experiments: Sequence[Experiment], returns: Mapping[str, Returns]
) -> tuple[tuple[float | None, ...], ...]:
    found: dict[tuple[str, str], float | None] = {}
    ids = [item.id for item in experiments]
    for at, one in enumerate(ids):
        for other in ids[at:]:
            if one in returns and other in returns:
                found[one, other] = found[other, one] = correlation_of(returns[one], returns[other])
    return tuple(tuple(found.get((one, other)) for other in ids) for one in ids)


def _best(experiments: Sequence[Experiment], judged: Sequence[Deflated | None]) -> int | None:
    known = [
        (item.probability, experiments[at].metric("sharpe") or 0.0, -at)
        for at, item in enumerate(judged)
        if item is not None
    ]
    return -max(known)[2] if known else None


def _verdict(
    experiments: Sequence[Experiment],
    judged: Sequence[Deflated | None],
    correlation: Sequence[Sequence[float | None]],
    best: int | None,
) -> str:
    if best is None:
        return "none of these has a Sharpe ratio: there is nothing to judge"
    found = judged[best]
    assert found is not None
    lead = "best is " if len(experiments) > 1 else ""
    parts = [f"{lead}{_called(experiments[best])}: {found.verdict}"]
    if len({(item.snapshot, item.window) for item in experiments}) > 1:
        parts.append("they ran on different data, so the order may be the data's")
    parts += _same(experiments, correlation)
    return "; ".join(parts)


def _same(
    experiments: Sequence[Experiment], correlation: Sequence[Sequence[float | None]]
) -> list[str]:
    for at, row in enumerate(correlation):
        for other, value in enumerate(row[:at]):
            if value is not None and value >= SAME_CORRELATION:
                names = f"{_called(experiments[other])} and {_called(experiments[at])}"
                return [f"{names} are one bet (returns correlate at {value:.2f})"]
    return []


def _called(experiment: Experiment) -> str:
    return f"{experiment.name} `{experiment.id}`".strip()
