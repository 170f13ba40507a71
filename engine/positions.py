"""Positions from entry to exit: what each gained after its own costs.

A position begins when a name's units leave zero or change sign, and ends when they do so again, or
with the window. Funding and the gap from close to open belong to what was held before the trades;
trading costs to the position that is closed and the one that is opened, by the units of each.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .facts import Facts, Market

if TYPE_CHECKING:
    from ..core.panel import Matrix
    from .simulate import Simulation

Series = NDArray[np.float64]


def gains_of_positions(facts: Facts) -> Series | None:
    """Return the gain of each position in money; nothing where the prices are not known."""
    if facts.market is None:
        return None
    simulation = facts.simulation
    units = simulation.units
    before = np.vstack([np.zeros((1, units.shape[1])), units[:-1]])
    side, side_before = np.sign(units), np.sign(before)
    is_new = (side != side_before) & (side != 0)
    # Numbers of positions, by column one after the other; 0 is none.
    number = np.cumsum(is_new.T.ravel()).reshape(units.T.shape).T
    number_before = np.vstack([np.zeros((1, units.shape[1]), dtype=number.dtype), number[:-1]])
    old, new = split_gains(simulation, facts.market)
    count = int(number.max(initial=0)) + 1
    # After an exit a column keeps the last number: rows without units are left out.
    gains = np.bincount(number[side != 0], weights=new[side != 0], minlength=count)
    gains += np.bincount(
        number_before[side_before != 0], weights=old[side_before != 0], minlength=count
    )
    found: Series = gains[1:].astype(np.float64)
    return found


def split_gains(simulation: "Simulation", market: Market) -> "tuple[Matrix, Matrix]":
    """Split each cell's gain after all costs into what was held before the trades, and after."""
    units = simulation.units
    before = np.vstack([np.zeros((1, units.shape[1])), units[:-1]])
    gap = gap_gains(simulation, market)
    costs = costs_by_name(simulation)
    share = closed_share(before, units)
    old = gap - simulation.funding_by_name - costs * share
    new = simulation.price_pnl - gap - costs * (1.0 - share)
    return old, new


def gap_gains(simulation: "Simulation", market: Market) -> "Matrix":
    """Return the part of each cell's price gain that was made before the trades at its open.

    Only a change of side needs the prices: else one side made all of the gain.
    """
    units, gain = simulation.units, simulation.price_pnl
    before = np.vstack([np.zeros((1, units.shape[1])), units[:-1]])
    gap = np.where(units == 0, gain, 0.0)
    is_flip = before * np.sign(units) < 0
    with np.errstate(invalid="ignore"):
        inside = units[is_flip] * (market.closes[is_flip] - market.opens[is_flip])
    gap[is_flip] = gain[is_flip] - np.nan_to_num(inside)
    return gap


def costs_by_name(simulation: "Simulation") -> "Matrix":
    """Return fees and slippage of each cell, impact included."""
    spread = simulation.spread
    costs: Matrix = spread.fees + spread.slippage + spread.impact
    return costs


def closed_share(before: "Matrix", units: "Matrix") -> "Matrix":
    """Return the part of each cell's trade that left what was held before; 0 on the same side."""
    size_before, size = np.abs(before), np.abs(units)
    left = np.where(before * np.sign(units) > 0, 0.0, size_before)
    whole = np.where(left > 0, size_before + size, 1.0)
    share: Matrix = left / whole
    return share
