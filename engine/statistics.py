"""How much of a Sharpe ratio is luck: standard errors, probabilistic and deflated Sharpe ratios.

Every Sharpe ratio here is per observation (per bar), not annualised; ``per_bar`` turns one into the
other. Kurtosis is Pearson's: a normal law has 3. Sources:

- Mertens (2002), the variance of the estimated Sharpe ratio under skewed, fat-tailed returns.
- Bailey and Lopez de Prado (2012), "The Sharpe Ratio Efficient Frontier": PSR and track length.
- Bailey and Lopez de Prado (2014), "The Deflated Sharpe Ratio": the expected maximum of N trials.

Standard library only: the memory and the tools import this file as the server starts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist, variance

from ..core.errors import InvalidInputError

NORMAL = NormalDist()
EULER_GAMMA = 0.5772156649015329
OBSERVATIONS_MIN = 2
TRIALS_MIN = 2
YEAR_SECONDS = 365 * 86_400


def per_bar(sharpe_annual: float, bar_seconds: int) -> float:
    """Turn an annualised Sharpe ratio into one per bar; a year is 365 days."""
    return sharpe_annual / math.sqrt(YEAR_SECONDS / bar_seconds)


def sharpe_standard_error(
    sharpe: float, *, observations: int, skew: float, kurtosis: float
) -> float | None:
    """Return the standard error of a Sharpe ratio (Mertens).

    None below two observations, or when skew and kurtosis are impossible together.
    """
    if observations < OBSERVATIONS_MIN:
        return None
    spread = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    return math.sqrt(spread / (observations - 1)) if spread > 0 else None


def probabilistic_sharpe(
    sharpe: float,
    *,
    observations: int,
    skew: float,
    kurtosis: float,
    benchmark: float = 0.0,
) -> float | None:
    """Return the probability that the true Sharpe ratio is above the benchmark."""
    error = sharpe_standard_error(sharpe, observations=observations, skew=skew, kurtosis=kurtosis)
    return None if error is None else NORMAL.cdf((sharpe - benchmark) / error)


def expected_max_sharpe(trials: int, variance_of_trials: float) -> float:
    """Return the highest Sharpe ratio that this many skill-less trials are expected to show.

    One trial is no selection: 0. The variance is that of the trials' Sharpe ratios.

    Raises:
        InvalidInputError: for fewer than one trial or a negative variance.
    """
    if trials < 1:
        raise InvalidInputError(f"`{trials}` trials cannot be: the result itself is one")
    if not variance_of_trials >= 0:
        raise InvalidInputError(f"a variance of `{variance_of_trials}` cannot be")
    if trials < TRIALS_MIN:
        return 0.0
    highest = (1.0 - EULER_GAMMA) * NORMAL.inv_cdf(1.0 - 1.0 / trials)
    next_highest = EULER_GAMMA * NORMAL.inv_cdf(1.0 - 1.0 / (trials * math.e))
    return math.sqrt(variance_of_trials) * (highest + next_highest)


def deflated_sharpe(  # noqa: PLR0913  # The formula's own arguments.
    sharpe: float,
    *,
    observations: int,
    skew: float,
    kurtosis: float,
    trials: int,
    variance_of_trials: float,
) -> float | None:
    """Return the probability that the Sharpe ratio beats what the best of N lucky trials shows."""
    return probabilistic_sharpe(
        sharpe,
        observations=observations,
        skew=skew,
        kurtosis=kurtosis,
        benchmark=expected_max_sharpe(trials, variance_of_trials),
    )


def trial_variance(sharpes: Sequence[float | None], *, observations: int) -> float:
    """Return the variance of the trials' Sharpe ratios, per bar; trials without one are left out.

    With fewer than two known ratios nothing can be measured: then it is that of skill-less normal
    returns, 1 / (observations - 1). A measured variance below that is raised to it: trials so alike
    cannot be told from one another, yet each still draws at least this much luck.
    """
    floor = 1.0 / max(observations - 1, 1)
    known = [value for value in sharpes if value is not None and math.isfinite(value)]
    return max(variance(known), floor) if len(known) >= TRIALS_MIN else floor


def track_record_bars_min(
    sharpe: float, *, skew: float, kurtosis: float, benchmark: float = 0.0, level: float = 0.95
) -> float | None:
    """Return how many observations would put the Sharpe ratio above the benchmark at the level.

    None when it is not above the benchmark: then no length is enough.
    """
    if sharpe <= benchmark:
        return None
    spread = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    if spread <= 0:
        return None
    return 1.0 + spread * (NORMAL.inv_cdf(level) / (sharpe - benchmark)) ** 2


# A deflated Sharpe ratio at or above this is believed.
LEVEL_BELIEVED = 0.95


@dataclass(frozen=True, slots=True)
class Luck:
    """One result seen against all that was tried; Sharpe ratios annualised, the rest chances."""

    trials: int
    probabilistic_sharpe: float | None  # chance that the true Sharpe ratio is above 0
    deflated_sharpe: float | None  # chance that it is above what the best lucky trial shows
    expected_max_sharpe: float | None  # what the best of that many lucky trials shows
    verdict: str

    @property
    def is_believed(self) -> bool:
        """Tell whether the result stands out from luck at the 95 % level."""
        return self.deflated_sharpe is not None and self.deflated_sharpe >= LEVEL_BELIEVED


def luck_of(
    metrics: Mapping[str, float | None],
    *,
    bar_seconds: int,
    trials: int,
    trial_sharpes: Sequence[float | None] = (),
) -> Luck:
    """Judge a run's metrics by the trials behind it.

    ``trial_sharpes`` are annualised, of the trials that have one; failures count in
    ``trials`` all the same.
    """
    sharpe, skew, kurtosis = (metrics.get(name) for name in ("sharpe", "skew", "kurtosis"))
    bars = int(metrics.get("bars") or 0)
    if sharpe is None or skew is None or kurtosis is None:
        return Luck(trials, None, None, None, "nothing to judge: the run has no Sharpe ratio")
    year = math.sqrt(YEAR_SECONDS / bar_seconds)
    known = [None if value is None else value / year for value in trial_sharpes]
    spread = trial_variance(known, observations=bars)
    chance, deflated = (
        deflated_sharpe(
            sharpe / year,
            observations=bars,
            skew=skew,
            kurtosis=kurtosis,
            trials=count,
            variance_of_trials=spread,
        )
        for count in (1, trials)
    )
    highest = expected_max_sharpe(trials, spread) * year
    return Luck(trials, chance, deflated, highest, _verdict(sharpe, deflated, highest, trials))


def _verdict(sharpe: float, deflated: float | None, highest: float, trials: int) -> str:
    count = "1 trial" if trials == 1 else f"{trials} trials"
    if deflated is None:
        return "nothing to judge: the returns' moments do not go together"
    if deflated >= LEVEL_BELIEVED:
        return f"stands out from the luck of {count} (deflated Sharpe {deflated:.3f})"
    # The best of one trial is that trial: luck alone raises no bar to name.
    bar = f", where luck alone would show up to {highest:.2f}" if trials > 1 else ""
    return (
        f"not distinguishable from luck after {count}: Sharpe {sharpe:.2f}{bar} "
        f"(deflated Sharpe {deflated:.3f}, believed from 0.95)"
    )
