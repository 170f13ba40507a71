"""Positions from entry to exit: what each gained after its own costs.

A position begins when a name's units leave zero or change sign, and ends when they do so again, or
with the window. Funding and the gap from close to open belong to what was held before the trades;
trading costs to the position that is closed and the one that is opened, by the units of each. So
only stretches that begin with a change of side need to be split; all others are of one position.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .facts import Facts, Market
from .stretches import Stretches, stretches_of

if TYPE_CHECKING:
    from ..core.panel import Matrix
    from .simulate import Simulation

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Changes:
    """Where a name's side changes, by instrument, then stretch; what of it is of the side before.

    ``prices`` is the gain made before the trades; ``funding`` what was paid then; ``share`` is the
    part of the trading costs.
    """

    stretches: NDArray[np.int64]
    columns: NDArray[np.int64]
    before: Series  # units held before the trades
    units: Series
    prices: Series
    funding: Series
    share: Series

    def of(self, values: "Matrix") -> Series:
        """Take the cells of the changes."""
        found: Series = values[self.stretches, self.columns]
        return found


@dataclass(frozen=True, slots=True)
class Positions:
    """A book's stretches, where sides change, and the gain of each position in money."""

    stretches: Stretches
    changes: Changes
    gains: Series


def gains_of_positions(facts: Facts) -> Series | None:
    """Return the gain of each position in money; nothing where the prices are not known."""
    return None if facts.market is None else positions_of(facts, facts.market).gains


def positions_of(facts: Facts, market: Market) -> Positions:
    """Return a book's positions, worked out once for all who ask."""
    found = facts.kept.get("positions")
    if not isinstance(found, Positions):
        stretches = stretches_of(facts.simulation)
        changes = changes_of(facts.simulation, market, stretches)
        found = Positions(stretches, changes, _gains(stretches, changes))
        facts.kept["positions"] = found
    return found


def _gains(stretches: Stretches, changes: Changes) -> Series:
    gain = stretches.net
    places = changes.columns * len(gain) + changes.stretches
    if not len(places):
        return np.empty(0)
    # Columns one after the other: a position runs from one change to the next, or to the column's
    # end, where the next one begins flat.
    starts = np.sort(np.concatenate((places, np.arange(gain.shape[1]) * len(gain))))
    starts = starts[np.diff(starts, prepend=-1) > 0]
    sums = np.add.reduceat(np.ascontiguousarray(gain.T).ravel(), starts)
    own = np.searchsorted(starts, places)
    fees, slippage, impact = (changes.of(values) for values in stretches.costs)
    left = changes.prices - changes.funding - (fees + slippage + impact) * changes.share
    sums[own] -= left
    was_held = changes.before != 0
    # A change at a column's first row is of nothing held: what it leaves behind is before it.
    np.add.at(sums, own[was_held] - 1, left[was_held])
    is_position = changes.units != 0
    found: Series = sums[own[is_position]]
    return found


def changes_of(simulation: "Simulation", market: Market, stretches: Stretches) -> Changes:
    """Find where sides change, and split what happened there."""
    side = np.sign(stretches.units).astype(np.int8)
    is_change = np.empty(side.shape, dtype=bool)
    is_change[0] = side[0] != 0
    is_change[1:] = side[1:] != side[:-1]
    columns, places = np.nonzero(np.ascontiguousarray(is_change.T))
    rows = stretches.rows[places]
    units = stretches.units[places, columns]
    before = np.where(places > 0, stretches.units[places - 1, columns], 0.0)
    gain = simulation.price_pnl[rows, columns]
    is_flip = (before != 0) & (units != 0)
    with np.errstate(invalid="ignore"):
        inside = units * (market.closes[rows, columns] - market.opens[rows, columns])
    # Only a flip needs the prices: else one side made all of the gain.
    gap = np.where(is_flip, gain - np.nan_to_num(inside), np.where(units == 0, gain, 0.0))
    size = np.abs(before) + np.abs(units)
    return Changes(
        stretches=places,
        columns=columns,
        before=before,
        units=units,
        prices=gap,
        funding=np.where(before != 0, simulation.funding_by_name[rows, columns], 0.0),
        share=np.abs(before) / size,
    )
