"""Two histories of one book in the same words: shares of the capital, by bar and instrument."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .market import Market, before
from .record import Record
from .script import Script

if TYPE_CHECKING:
    from ...core.panel import Matrix
    from ...engine.simulate import Simulation

Series = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What one side says happened; money and units are per unit of capital.

    ``equity`` and ``units`` are of the close, ``gain`` is what prices gave in a bar. ``traded`` are
    signed units at ``price`` (NaN where nothing was traded). What is paid is positive.
    """

    equity: Series
    gain: Series
    units: "Matrix"
    traded: "Matrix"
    price: "Matrix"
    fees: "Matrix"
    slippage: "Matrix"
    funding: "Matrix"

    def booked(self) -> Series:
        """Return the equity that gains and costs add up to."""
        paid = self.fees + self.slippage + self.funding
        total: Series = 1.0 + np.cumsum(self.gain - paid.sum(axis=1))
        return total


def research_ledger(simulation: "Simulation", market: Market) -> Ledger:
    """Tell a simulation of the research accounting, of the instruments of the market."""
    capital = simulation.capital
    columns = [simulation.symbols.index(symbol) for symbol in market.symbols]
    units = simulation.units[:, columns] / capital
    notional = simulation.traded[:, columns] / capital
    is_traded = notional > 0
    return Ledger(
        equity=simulation.equity / capital,
        gain=simulation.price_pnl.sum(axis=1) / capital,
        units=units,
        traded=np.where(is_traded, units - before(units), 0.0),
        price=np.where(is_traded, market.prices.at_open, np.nan),
        fees=_by_name(simulation.fees / capital, notional),
        slippage=_by_name(simulation.slippage / capital, notional),
        funding=simulation.funding_by_name[:, columns] / capital,
    )


def replayed_ledger(record: Record, script: Script) -> Ledger:
    """Tell what the event-driven engine's books said."""
    shape = script.open.shape
    traded, spent, fees = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    cells = (record.fill_row, record.fill_column)
    np.add.at(traded, cells, record.fill_units)
    np.add.at(spent, cells, record.fill_units * record.fill_price)
    np.add.at(fees, cells, record.fill_fee)
    with np.errstate(invalid="ignore", divide="ignore"):
        price = np.where(traded != 0, spent / traded, np.nan)
    prices = script.prices
    units = record.units / script.capital
    paid = np.cumsum(record.funding.sum(axis=1))
    return Ledger(
        equity=(record.balance + record.unrealized - paid) / script.capital,
        gain=prices.gain(units),
        units=units,
        traded=traded / script.capital,
        price=price,
        fees=fees / script.capital,
        slippage=(spent - traded * prices.at_open) / script.capital,
        funding=record.funding / script.capital,
    )


def _by_name(costs: Series, notional: "Matrix") -> "Matrix":
    """Give each name its part of a bar's costs: they are a rate on the notional."""
    total = notional.sum(axis=1)
    share = notional / np.where(total > 0, total, 1.0)[:, None]
    # A cost without a trade is no name's: it stays visible in the first column.
    share[:, 0] += np.where(total > 0, 0.0, 1.0)
    by_name: Matrix = costs[:, None] * share
    return by_name
