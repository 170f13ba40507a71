"""``quantile_monotonicity``: whether more signal means more return."""

import numpy as np

from ..facts import Facts, mean_of, metric
from ..ranks import rank_correlations


@metric("quantile_monotonicity")
def quantile_monotonicity(facts: Facts) -> float | None:
    """Return Spearman's correlation of the fifths' numbers and their mean outcomes."""
    means = facts.information.quantile_returns
    if not np.isfinite(means).all():
        return None
    return mean_of(rank_correlations(np.arange(float(len(means)))[None], means[None]))
