"""How much of an experiment's Sharpe ratio is luck, given all that was tried on its data."""

from dataclasses import dataclass

from ..engine.statistics import luck_of
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
