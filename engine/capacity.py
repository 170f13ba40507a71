"""The capital at which price impact eats the gain, by the square-root law.

An order of notional q in a bar of quote volume V moves the price by ``sigma x sqrt(q / V)``, with
sigma the deviation of the name's returns a bar (Almgren et al. 2005, Toth et al. 2011, coefficient
1). Both grow with the length of a bar such that its length does not matter. With capital K held
constant and fractions f of it traded, impact takes ``sqrt(K) x sum(sigma f^1.5 / sqrt(V))`` of K,
so the net return S is gone at ``K = (S / sum)^2``. V is the mean over the window's bars.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .facts import Facts

if TYPE_CHECKING:
    from ..core.panel import Matrix

Series = NDArray[np.float64]


def capacity_of(facts: Facts) -> float | None:
    """Return the capital in the quote currency; nothing without volumes, trades or a gain."""
    market = facts.market
    if market is None or market.quote_volume is None:
        return None
    simulation = facts.simulation
    gain = float(facts.returns.sum())
    if gain <= 0:
        return None
    before = np.concatenate(([simulation.capital], simulation.equity[:-1]))
    fraction = simulation.traded / np.where(before > 0, before, np.inf)[:, None]
    amounts = (fraction * np.sqrt(fraction)).sum(axis=0)
    volume = _means(market.quote_volume)
    is_traded = amounts > 0
    is_priced = is_traded & (volume > 0)
    if not is_priced.any() or (is_traded & ~is_priced).any():
        return None
    sigma = _deviations(market.closes)
    taken = float((sigma[is_priced] * amounts[is_priced] / np.sqrt(volume[is_priced])).sum())
    return (gain / taken) ** 2 if taken > 0 else None


def _means(values: "Matrix") -> Series:
    known = np.isfinite(values)
    count = known.sum(axis=0)
    means: Series = np.where(known, values, 0.0).sum(axis=0) / np.maximum(count, 1)
    return means


def _deviations(closes: "Matrix") -> Series:
    with np.errstate(divide="ignore", invalid="ignore"):
        returns = closes[1:] / closes[:-1] - 1.0
    known = np.isfinite(returns)
    count = known.sum(axis=0)
    filled = np.where(known, returns, 0.0)
    mean = filled.sum(axis=0) / np.maximum(count, 1)
    squares = (np.where(known, returns - mean, 0.0) ** 2).sum(axis=0)
    deviations: Series = np.sqrt(squares / np.maximum(count - 1, 1))
    return deviations
