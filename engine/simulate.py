"""Research accounting: units and cash, drift between rebalances, each cost booked once.

The order of things inside a bar is told in ``docs/accounting.md`` and kept by ``book/loop``. This
file sets its table: what it reads of a panel, its terms, and room for what it answers.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..dsl.strategy import Account, Costs
from .book import places as at
from .grid import decision_rows
from .ledger import Ledger, Spread
from .loops import BOOK
from .prices import last_bars, last_rows, market_of

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from .kernels import Kernels

Series = NDArray[np.float64]
BP = 1e-4


@dataclass(frozen=True, slots=True)
class Simulation:
    """A book's history over the simulated rows; money in units of the capital's currency.

    ``traded_total`` is absolute notional a bar. ``funding`` is what was paid, negative when
    received. ``slippage`` holds the spread and the impact too; ``impact`` is that part of it. Gross
    and net exposure are of the close, over equity. Equity obeys: last = capital + sum of gains -
    fees - slippage - funding, and so does each instrument's share. ``spread`` has the matrices.
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
    impact: Series
    funding: Series
    gross: Series
    net: Series
    traded_total: Series
    gain_of_name: Series  # from prices, before any cost and funding
    funding_of_name: Series
    spread: Spread
    trades: int
    frozen: int  # orders not done because the bar to trade at was missing
    too_small: int  # orders not done because they were below a lot or the smallest notional
    bound: int  # decisions scaled down to the account's leverage
    funding_crossed: int  # settlements of funding on a position
    impact_unknown: int  # trades in a bar without volume, booked without impact
    delisted: tuple[str, ...]  # positions closed because no bar came any more
    expired: tuple[str, ...]  # positions settled at their contract's end
    prices_dropped: int  # prices that were not positive, taken as missing
    liquidated_row: int | None

    @property
    def units(self) -> "Matrix":
        """Return units held through each bar, after the trades at its open."""
        return self.spread.units

    @property
    def weights(self) -> "Matrix":
        """Return notional over equity at the close."""
        return self.spread.weights

    @property
    def traded(self) -> "Matrix":
        """Return absolute notional traded."""
        return self.spread.traded

    @property
    def funding_by_name(self) -> "Matrix":
        """Return funding paid."""
        return self.spread.funding

    @property
    def price_pnl(self) -> "Matrix":
        """Return gains from prices."""
        return self.spread.gains


def simulate(  # noqa: PLR0913  # The settings of one simulation.
    weights: "Matrix",
    panel: "Panel",
    *,
    rebalance_bars: int,
    delay_bars: int,
    costs: Costs,
    account: Account | None = None,
    start_row: int = 0,
    capital: float | None = None,
    settlement: "Series | None" = None,
    turnover_max: float | None = None,
    kernels: "Kernels | None" = None,
) -> Simulation:
    """Trade target weights, read on decision rows only, over the panel from ``start_row`` on.

    ``settlement`` are prices, by instrument, at which what is still held after the last bar of a
    contract is settled; NaN: it is closed at its last close. ``turnover_max`` bounds what a
    rebalance trades, buys plus sells over equity: above it each trade is cut alike. Without
    ``kernels`` the loop runs as plain Python: the same bytes, hundreds of times slower.

    Raises:
        InvalidInputError: for a delay below one bar, weights that are not finite, or lots that the
            panel does not know.
    """
    _check(weights, panel, delay_bars=delay_bars, start_row=start_row)
    account = Account() if account is None else account
    capital = float(account.capital) if capital is None else capital
    decided = decision_rows(
        panel, rebalance_bars=rebalance_bars, delay_bars=delay_bars, start_row=start_row
    )
    if not np.isfinite(weights[decided]).all():
        raise InvalidInputError("weights hold values that are not finite")
    market = market_of(panel, costs, account)
    names = np.zeros((4, panel.shape[1]))
    names[0] = np.nan if settlement is None else settlement
    names[1] = _lots(panel, account)
    ledger = Ledger.opened(
        market, names, _rows(panel, market, decided, delay_bars, start_row), start_row
    )
    loop = BOOK.function if kernels is None else kernels.loop(BOOK)
    loop(
        market,
        np.ascontiguousarray(weights, np.float64),
        names,
        _terms(costs, account, capital, turnover_max),
        ledger.rows,
        start_row,
        ledger.series,
        ledger.events,
        ledger.places,
        ledger.counts,
    )
    return _finished(ledger, panel, capital=capital, kernels=kernels)


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


def _lots(panel: "Panel", account: Account) -> Series:
    """Return the step of each instrument's size; 0: any size."""
    if not account.has_lots:
        return np.zeros(panel.shape[1])
    if "lot_size" not in panel.fields:
        raise InvalidInputError(
            f"`lots on` needs the field `lot_size`, which `{panel.dataset}` lacks",
            help="import a column `lot_size`, the step of an order's size in base units, or write "
            "`lots off`",
        )
    known = panel.fields["lot_size"]
    found = np.take_along_axis(known, np.maximum(last_rows(known), 0)[None, :], axis=0)[0]
    return np.where(np.isfinite(found) & (found > 0), found, 0.0)


def _rows(
    panel: "Panel",
    market: tuple["Matrix", ...],
    decided: NDArray[np.int64],
    delay_bars: int,
    start_row: int,
) -> NDArray[np.int64]:
    """Say what happens at each row: targets to trade, listings that have ended."""
    rows = np.full((3, max(panel.shape)), -1, np.int64)
    rows[0, decided + delay_bars] = decided
    last = last_bars(market[0], market[1])
    gone = np.where(last >= 0, last + 1, panel.shape[0])
    # A listing that ended before the first simulated row has nothing to close.
    rows[1] = 0
    rows[1, gone[(gone >= start_row) & (gone < panel.shape[0])]] = 1
    rows[2, : panel.shape[1]] = gone
    return rows


def _terms(costs: Costs, account: Account, capital: float, turnover_max: float | None) -> Series:
    terms = np.zeros(at.TERMS)
    share = float(costs.maker_share)
    maker = costs.taker_bp if costs.maker_bp is None else costs.maker_bp
    terms[at.CAPITAL] = capital
    terms[at.FEE] = (float(costs.taker_bp) * (1 - share) + float(maker) * share) * BP
    # Who waits in the book does not cross the spread.
    terms[at.SLIP] = (float(costs.slippage_bp) + float(costs.spread_bp) / 2 * (1 - share)) * BP
    terms[at.IMPACT] = float(costs.impact)
    terms[at.LEVERAGE] = float(account.leverage or 0)
    terms[at.MAINTENANCE] = float(account.maintenance)
    terms[at.LIQUIDATION_FEE] = float(account.liquidation_fee_bp) * BP
    terms[at.NOTIONAL_MIN] = float(account.notional_min)
    terms[at.HAS_STEPS] = float(account.has_lots or account.notional_min > 0)
    terms[at.TURNOVER_MAX] = -1.0 if turnover_max is None else turnover_max
    return terms


def _finished(
    ledger: Ledger, panel: "Panel", *, capital: float, kernels: "Kernels | None"
) -> Simulation:
    series, counts = ledger.series, ledger.counts
    equity = series[at.EQUITY]
    before = np.concatenate(([capital], equity[:-1]))
    is_alive_before, is_alive = before > 0, equity > 0
    divisor, divisor_close = np.where(is_alive_before, before, 1.0), np.where(is_alive, equity, 1.0)
    ended = ledger.ended()
    settled = np.isfinite(ledger.names[0])
    ruined = int(counts[at.RUINED])
    return Simulation(
        times=panel.times[ledger.start :],
        symbols=panel.symbols,
        bar_seconds=panel.bar_seconds,
        capital=capital,
        equity=equity,
        returns=np.where(is_alive_before, (equity - before) / divisor, 0.0),
        turnover=np.where(is_alive_before, series[at.TRADED] / divisor, 0.0),
        fees=series[at.FEES],
        slippage=series[at.SLIPPAGE] + series[at.IMPACTS],
        impact=series[at.IMPACTS],
        funding=series[at.FUNDING],
        gross=np.where(is_alive, series[at.GROSS] / divisor_close, 0.0),
        net=np.where(is_alive, series[at.NET] / divisor_close, 0.0),
        traded_total=series[at.TRADED],
        gain_of_name=ledger.names[2 + at.GAIN],
        funding_of_name=ledger.names[2 + at.PAID],
        spread=Spread(ledger, kernels),
        trades=int(counts[at.TRADES]),
        frozen=int(counts[at.FROZEN]),
        too_small=int(counts[at.TOO_SMALL]),
        bound=int(counts[at.BOUND]),
        funding_crossed=int(counts[at.CROSSED]),
        impact_unknown=int(counts[at.UNKNOWN_IMPACT]),
        delisted=tuple(panel.symbols[column] for column in ended if not settled[column]),
        expired=tuple(panel.symbols[column] for column in ended if settled[column]),
        prices_dropped=int(counts[at.DROPPED]),
        liquidated_row=ruined - 1 if ruined else None,
    )
