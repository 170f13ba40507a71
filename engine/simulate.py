"""Research accounting: units and cash, drift between rebalances, each cost booked once.

The order of things inside bar t, told again in ``docs/accounting.md``:

1. At the open, funding settles on the units held before any trade: units x mark x rate.
2. A position whose instrument had its last bar at t-1 is closed at its last close, with costs.
3. When bar t - delay was a decision bar, targets are traded at the open. They are sized on the
   equity at that open, before the costs of these trades. No open, no order: the position is frozen.
   Where these trades, buys plus sells, are above ``turnover_max`` of it, each is cut alike.
4. Units stay as they are until the close, where the book is marked. Equity is of the close.
5. Equity at or below zero at an open or a close: the book is closed at those prices, flat for ever.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..dsl.strategy import Costs
from .grid import decision_rows
from .prices import Prices, prices_of
from .turnover import step_share

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel

Series = NDArray[np.float64]
BP = 1e-4


@dataclass(frozen=True, slots=True)
class Simulation:
    """A book's history over the simulated rows; money in units of the capital's currency.

    ``units[t]`` are held through bar t, after the trades at its open. ``weights`` are notional over
    equity at the close. ``traded`` is absolute notional. ``funding`` is what was paid, negative
    when received. Equity obeys: last = capital + sum(price_pnl) - fees - slippage - funding.
    """

    times: NDArray[np.int64]
    symbols: tuple[str, ...]
    bar_seconds: int
    capital: float
    equity: Series
    returns: Series
    turnover: Series  # traded notional over the equity of the bar before
    fees: Series
    slippage: Series
    funding: Series
    units: "Matrix"
    weights: "Matrix"
    traded: "Matrix"
    funding_by_name: "Matrix"
    price_pnl: "Matrix"
    trades: int
    frozen: int  # orders not done because the bar to trade at was missing
    delisted: tuple[str, ...]  # positions closed because no bar came any more
    prices_dropped: int  # prices that were not positive, taken as missing
    liquidated_row: int | None


def simulate(  # noqa: PLR0913  # The settings of one simulation.
    weights: "Matrix",
    panel: "Panel",
    *,
    rebalance_bars: int,
    delay_bars: int,
    costs: Costs,
    start_row: int = 0,
    capital: float = 1.0,
    turnover_max: float | None = None,
) -> Simulation:
    """Trade target weights, read on decision rows only, over the panel from ``start_row`` on.

    Raises:
        InvalidInputError: for a delay below one bar, or weights that are not finite.
    """
    _check(weights, panel, delay_bars=delay_bars, start_row=start_row)
    decided = decision_rows(
        panel, rebalance_bars=rebalance_bars, delay_bars=delay_bars, start_row=start_row
    )
    prices = prices_of(panel, start_row=start_row, has_funding=costs.has_funding)
    book = _Book(
        prices=prices,
        fee=float(costs.taker_bp) * BP,
        slip=float(costs.slippage_bp) * BP,
        cash=capital,
        units=np.zeros(len(panel.symbols)),
        turnover_max=turnover_max,
    )
    targets = {int(row) + delay_bars - start_row: weights[row] for row in decided}
    _run(book, targets)
    return _finished(book, panel, start_row=start_row, capital=capital)


def _check(weights: "Matrix", panel: "Panel", *, delay_bars: int, start_row: int) -> None:
    if delay_bars < 1:
        raise InvalidInputError(
            f"a delay of {delay_bars} bars would trade on a bar that is not over",
            help="delay 1 trades at the open after the signal's bar",
        )
    if weights.shape != panel.shape:
        raise InvalidInputError(f"weights are {weights.shape}, the panel is {panel.shape}")
    if not 0 <= start_row < panel.shape[0]:
        raise InvalidInputError(f"row {start_row} is outside a panel of {panel.shape[0]} bars")
    if not np.isfinite(weights).all():
        raise InvalidInputError("weights hold values that are not finite")


@dataclass(slots=True)
class _Book:
    """The one thing here that changes: cash, units, and what has been written down so far."""

    prices: Prices
    fee: float
    slip: float
    cash: float
    units: Series
    turnover_max: float | None
    equity: Series = field(init=False)
    held: "Matrix" = field(init=False)
    traded: "Matrix" = field(init=False)
    funding: "Matrix" = field(init=False)
    trades: int = 0
    frozen: int = 0
    delisted: list[int] = field(default_factory=list)
    liquidated_row: int | None = None

    def __post_init__(self) -> None:
        shape = self.prices.trade.shape
        self.equity = np.empty(shape[0])
        self.held = np.zeros(shape)
        self.traded = np.zeros(shape)
        self.funding = np.zeros(shape)

    def exchange(self, row: int, change: Series, price: Series) -> None:
        """Buy (or sell) units at a price and pay what that costs."""
        notional = change * price
        absolute = np.abs(notional)
        self.cash -= float(notional.sum()) + (self.fee + self.slip) * float(absolute.sum())
        self.units = self.units + change
        self.traded[row] += absolute
        self.trades += int(np.count_nonzero(absolute))

    def settle(self, row: int) -> None:
        """Pay funding on what is held as the bar opens."""
        paid = self.units * self.prices.at_funding[row] * self.prices.funding_rate[row]
        self.funding[row] = paid
        self.cash -= float(paid.sum())

    def close_gone(self, row: int) -> None:
        """Close, at the last known price, what has no bar from this row on."""
        is_gone = (self.prices.gone_row <= row) & (self.units != 0)
        if is_gone.any():
            self.exchange(row, np.where(is_gone, -self.units, 0.0), self.prices.at_open[row])
            self.delisted.extend(np.flatnonzero(is_gone).tolist())

    def rebalance(self, row: int, target: Series) -> None:
        """Trade to the target weights at the open; where there is no open, freeze."""
        equity = self.cash + float((self.units * self.prices.at_open[row]).sum())
        if equity <= 0:
            self.liquidate(row, self.prices.at_open[row])
            return
        can_trade = np.isfinite(self.prices.trade[row])
        price = np.where(can_trade, self.prices.trade[row], 1.0)
        wanted = target * equity / price
        self.frozen += int(np.count_nonzero(~can_trade & ((target != 0) | (self.units != 0))))
        change = np.where(can_trade, wanted - self.units, 0.0)
        if self.turnover_max is not None:
            asked = float(np.abs(change * price).sum()) / equity
            change *= step_share(asked, self.turnover_max)
        self.exchange(row, change, price)

    def liquidate(self, row: int, price: Series) -> None:
        """Close everything for good."""
        self.exchange(row, -self.units, price)
        self.liquidated_row = row

    def hold(self, start: int, stop: int) -> None:
        """Keep the units until ``stop``; the funding of ``start`` is settled already."""
        self.held[start:stop] = self.units
        values = (self.units * self.prices.at_close[start:stop]).sum(axis=1)
        inside = slice(start + 1, stop)
        paid = self.units * self.prices.at_funding[inside] * self.prices.funding_rate[inside]
        cash = self.cash - np.concatenate(([0.0], np.cumsum(paid.sum(axis=1))))
        equity = cash + values
        count = stop - start
        ruined = np.flatnonzero(equity <= 0) if self.units.any() else np.empty(0, dtype=np.int64)
        if len(ruined):
            count = int(ruined[0]) + 1
        self.funding[start + 1 : start + count] = paid[: count - 1]
        self.equity[start : start + count] = equity[:count]
        self.cash = float(cash[count - 1])
        if len(ruined):
            self._ruin(start + count - 1, stop)

    def _ruin(self, row: int, stop: int) -> None:
        self.liquidate(row, self.prices.at_close[row])
        self.held[row + 1 : stop] = 0.0
        self.equity[row:stop] = self.cash


def _run(book: _Book, targets: dict[int, Series]) -> None:
    rows = book.prices.trade.shape[0]
    gone = {int(row) for row in book.prices.gone_row if 0 <= row < rows}
    events = sorted({0, *gone, *(row for row in targets if row < rows)})
    for row, following in zip(events, [*events[1:], rows], strict=True):
        book.settle(row)
        book.close_gone(row)
        if row in targets and book.liquidated_row is None:
            book.rebalance(row, targets[row])
        book.hold(row, following)


def _finished(book: _Book, panel: "Panel", *, start_row: int, capital: float) -> Simulation:
    prices = book.prices
    at_close = book.held.copy()
    if book.liquidated_row is not None:
        at_close[book.liquidated_row] = 0.0
    # Units that pass from one bar to the next gain between close and open, the others inside a bar.
    price_pnl = _shifted(at_close, 0.0) * (prices.at_open - _shifted(prices.at_close, 0.0))
    price_pnl += book.held * (prices.at_close - prices.at_open)
    equity_before = _shifted(book.equity, capital)
    is_alive_before, is_alive = equity_before > 0, (book.equity > 0)[:, None]
    divisor = np.where(is_alive_before, equity_before, 1.0)
    divisor_close = np.where(is_alive, book.equity[:, None], 1.0)
    traded = book.traded.sum(axis=1)
    return Simulation(
        times=panel.times[start_row:],
        symbols=panel.symbols,
        bar_seconds=panel.bar_seconds,
        capital=capital,
        equity=book.equity,
        returns=np.where(is_alive_before, (book.equity - equity_before) / divisor, 0.0),
        turnover=np.where(is_alive_before, traded / divisor, 0.0),
        fees=traded * book.fee,
        slippage=traded * book.slip,
        funding=book.funding.sum(axis=1),
        units=book.held,
        weights=np.where(is_alive, at_close * prices.at_close / divisor_close, 0.0),
        traded=book.traded,
        funding_by_name=book.funding,
        price_pnl=price_pnl,
        trades=book.trades,
        frozen=book.frozen,
        delisted=tuple(panel.symbols[column] for column in sorted(set(book.delisted))),
        prices_dropped=prices.dropped,
        liquidated_row=book.liquidated_row,
    )


def _shifted(values: Series, first: float) -> Series:
    """Move rows down by one; the first row becomes ``first``."""
    moved = np.empty_like(values)
    moved[0] = first
    moved[1:] = values[:-1]
    return moved
