"""What a comparison came to: do the two ledgers agree, and if not, on which line."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .comparison import Line, difference_bp, lines_between
from .fills import Fill, fills_of
from .ledger import Ledger
from .market import Market
from .script import Script

# Measured on synthetic and on real bars: docs/replay.md has the figures and the room they leave.
UNEXPLAINED_BP_MAX = 0.001
TOTAL_BP_MAX = 1.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that one comparison found; differences in basis points of the capital."""

    difference_bp: NDArray[np.float64]
    lines: tuple[Line, ...]
    fills: tuple[Fill, ...]
    faults: tuple[str, ...]

    @property
    def is_agreed(self) -> bool:
        """Tell whether both sides are the same book, within the tolerances."""
        return not self.faults

    @property
    def max_bp(self) -> float:
        """Return the largest absolute difference of equity at any bar."""
        return float(np.abs(self.difference_bp).max())

    @property
    def final_bp(self) -> float:
        """Return the difference of equity at the last bar."""
        return float(self.difference_bp[-1])

    @property
    def unexplained_bp(self) -> NDArray[np.float64]:
        """Return what no line explains, bar by bar."""
        total: NDArray[np.float64] = np.sum(
            [line.bp for line in self.lines if not line.is_explained], axis=0
        )
        return total


def compare(replayed: Ledger, research: Ledger, market: Market, script: Script) -> Verdict:
    """Hold two ledgers of one book against each other."""
    difference = difference_bp(replayed, research)
    lines = tuple(lines_between(replayed, research, market, script))
    fills = tuple(fills_of(replayed, research, market, script))
    return Verdict(difference, lines, fills, tuple(_faults(difference, lines, fills)))


def _faults(
    difference: NDArray[np.float64], lines: Sequence[Line], fills: Sequence[Fill]
) -> list[str]:
    """Say what is beyond the tolerances, the largest unexplained line first."""
    rests = [line for line in lines if not (line.is_explained or line.max_bp <= UNEXPLAINED_BP_MAX)]
    found = [
        f"{line.group}: {line.cause}, up to {line.max_bp:.4g} bp (at most {UNEXPLAINED_BP_MAX} bp)"
        for line in sorted(rests, key=lambda line: -line.max_bp)
    ]
    worst = float(np.abs(difference).max())
    if not worst <= TOTAL_BP_MAX:
        found.append(f"equity differs by up to {worst:.4g} bp (at most {TOTAL_BP_MAX} bp)")
    lone = [fill for fill in fills if fill.is_lone]
    if lone:
        only = "research" if lone[0].units_replay == 0 else "the replay"
        found.append(
            f"fills: {len(lone)} on one side alone, the first of {lone[0].symbol} in {only}"
        )
    return found
