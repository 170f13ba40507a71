"""How much of an experiment's Sharpe ratio is luck, given all that was tried on its data."""

from dataclasses import dataclass

from ..engine.statistics import deflated_sharpe, luck_of, per_bar, trial_variance
from .experiment import Experiment, ExperimentKind
from .trials import TrialCount


@dataclass(frozen=True, slots=True)
class Deflated:
    """A run's Sharpe ratio beside what luck alone would show.

    ``probability`` is the deflated Sharpe ratio of Bailey and Lopez de Prado: how likely the true
    ratio is above ``luck``, the annual one that the best of this many trials without skill shows.
    """

    probability: float
    luck: float
    trials: int
    verdict: str
    is_believed: bool


@dataclass(frozen=True, slots=True)
class Moments:
    """What a Sharpe ratio is judged by, without the rest of its experiment."""

    id: str
    dataset: str
    bar_seconds: int
    sharpe: float
    bars: float
    skew: float
    kurtosis: float


def chance(found: Moments, count: TrialCount) -> float | None:
    """Return the deflated Sharpe ratio alone, fast enough to order all experiments by."""
    observations = int(found.bars)
    floor = trial_variance((), observations=observations)
    return deflated_sharpe(
        per_bar(found.sharpe, found.bar_seconds),
        observations=observations,
        skew=found.skew,
        kurtosis=found.kurtosis,
        trials=max(count.trials, 1),
        variance_of_trials=max(count.sharpe_variance or 0.0, floor),
    )


def deflate(experiment: Experiment, count: TrialCount) -> Deflated | None:
    """Judge a run by the trials on its dataset; nothing where there is no Sharpe ratio to judge."""
    if experiment.kind is not ExperimentKind.RUN or experiment.bar_seconds <= 0:
        return None
    found = luck_of(
        experiment.metrics,
        bar_seconds=experiment.bar_seconds,
        # It is a trial itself, also in the moment before it is counted.
        trials=max(count.trials, 1),
        trial_sharpes=count.stand_ins(experiment.bar_seconds),
    )
    if found.deflated_sharpe is None or found.expected_max_sharpe is None:
        return None
    return Deflated(
        probability=found.deflated_sharpe,
        luck=found.expected_max_sharpe,
        trials=found.trials,
        verdict=found.verdict,
        is_believed=found.is_believed,
    )
