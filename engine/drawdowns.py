"""Falls below a peak, and how long each took to be made good."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Drawdown:
    """Rows of one stretch below a peak; ``stop`` is the first row back at it, or the end."""

    start: int
    trough: int
    stop: int
    depth: float  # the largest fall, a positive fraction of the peak
    is_recovered: bool

    @property
    def bars(self) -> int:
        """Count the bars below the peak."""
        return self.stop - self.start


def falls_of(equity: Series, capital: float) -> Series:
    """Return how far each close is below the highest so far; the capital is the first peak."""
    peak = np.maximum(np.maximum.accumulate(equity), capital)
    fall: Series = 1.0 - equity / peak
    return fall


def drawdowns_of(equity: Series, capital: float) -> list[Drawdown]:
    """List the stretches below a peak, in order of time."""
    fall = falls_of(equity, capital)
    edges = np.diff((fall > 0).astype(np.int8), prepend=0, append=0)
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [
        Drawdown(
            start=int(start),
            trough=int(start + fall[start:stop].argmax()),
            stop=int(stop),
            depth=float(fall[start:stop].max()),
            is_recovered=bool(stop < len(fall)),
        )
        for start, stop in zip(starts, stops, strict=True)
    ]
