"""``sharpe_se``: how far the Sharpe ratio may be off by chance."""

import math

from ..facts import Facts, deviation_of, mean_of, metric, ratio_of, standard_moment
from ..statistics import sharpe_standard_error


@metric("sharpe_se")
def sharpe_se(facts: Facts) -> float | None:
    """Return the annualised standard error of the Sharpe ratio under skewed, fat-tailed returns."""
    per_bar = ratio_of(mean_of(facts.returns), deviation_of(facts.returns))
    skew, kurtosis = standard_moment(facts.returns, 3), standard_moment(facts.returns, 4)
    if per_bar is None or skew is None or kurtosis is None:
        return None
    error = sharpe_standard_error(
        per_bar, observations=len(facts.returns), skew=skew, kurtosis=kurtosis
    )
    return None if error is None else error * math.sqrt(facts.year_bars)
