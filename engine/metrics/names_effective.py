"""``names_effective``: over how many names the book was spread."""

import numpy as np

from ..facts import Facts, mean_of, metric


@metric("names_effective")
def names_effective(facts: Facts) -> float | None:
    """Return the mean over bars with a position of (sum |w|)^2 / sum w^2; n for n equal weights."""
    weights = np.abs(facts.simulation.weights)
    squares = np.einsum("ij,ij->i", weights, weights)
    is_held = squares > 0
    return mean_of(weights.sum(axis=1)[is_held] ** 2 / squares[is_held])
