"""What a book is compared with: the returns of one instrument, or of the universe equally weighted.

They are of prices alone, before any cost and funding, over the simulated bars:

1. An instrument is bought at the open of the first simulated bar and held. Its return of a bar is
   close over the close before; of the first bar, close over open. A missing bar within its life
   returns 0, for its last close stands; before its first bar and after its last one the return is
   missing.
2. The universe is a book of equal weights in its members, set at the strategy's decisions, traded
   with its delay, and simulated as every book is.
"""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..core.nearest import nearest
from ..dsl.strategy import UNIVERSE, Costs, Strategy
from .prices import forward_filled
from .simulate import simulate

if TYPE_CHECKING:
    from ..core.panel import Panel
    from .evaluate import BoolMatrix

    Series = NDArray[np.float64]

_FREE = Costs(taker_bp=Costs().taker_bp * 0, slippage_bp=Costs().slippage_bp * 0, has_funding=False)


def benchmark_returns(
    strategy: Strategy,
    panel: "Panel",
    mask: "BoolMatrix",
    *,
    decisions: NDArray[np.int64],
    start_row: int,
) -> "Series | None":
    """Return the benchmark's return of each simulated bar; nothing where the strategy has none.

    Raises:
        InvalidInputError: when the panel lacks the instrument, or has no bar of it to simulate.
    """
    if not strategy.benchmark:
        return None
    if strategy.benchmark == UNIVERSE:
        return _universe(strategy, panel, mask, decisions=decisions, start_row=start_row)
    return _instrument(panel, column_of(strategy.benchmark, panel), start_row)


def column_of(symbol: str, panel: "Panel") -> int:
    """Find an instrument's column.

    Raises:
        InvalidInputError: when the panel has no such instrument.
    """
    if symbol in panel.symbols:
        return panel.symbols.index(symbol)
    meant = nearest(symbol, panel.symbols)
    raise InvalidInputError(
        f"dataset `{panel.dataset}` has no benchmark `{symbol}`",
        help=f"did you mean `{meant}`?" if meant else "name one of its instruments, or `universe`",
    )


def equal_weights(mask: "BoolMatrix") -> NDArray[np.float64]:
    """Weigh the members of each row alike, 1 in all; a row without any weighs nothing."""
    count = np.maximum(mask.sum(axis=1, keepdims=True), 1)
    return np.where(mask, 1.0 / count, 0.0)


def _instrument(panel: "Panel", column: int, start_row: int) -> "Series":
    opens, closes = panel.fields["open"][:, column], panel.fields["close"][:, column]
    with np.errstate(invalid="ignore"):
        # Half a bar, or a price that is not positive, is no bar, as in the simulation.
        has_bar = np.isfinite(opens) & np.isfinite(closes) & (opens > 0) & (closes > 0)
    if not has_bar[start_row:].any():
        raise InvalidInputError(
            f"the benchmark `{panel.symbols[column]}` has no bar in the window",
            help="choose another one, or another window",
        )
    last = forward_filled(np.where(has_bar, closes, np.nan)[:, None])[:, 0]
    before = np.concatenate(([np.nan], last[:-1]))
    # The first bar that is simulated, or the first there is, is bought at its open.
    first = int(np.flatnonzero(has_bar)[0])
    for row in {start_row, max(first, start_row)}:
        before[row] = opens[row] if has_bar[row] else before[row]
    out = np.full(len(closes), np.nan)
    life = slice(first, int(np.flatnonzero(has_bar)[-1]) + 1)
    out[life] = last[life] / before[life] - 1.0
    return out[start_row:]


def _universe(
    strategy: Strategy,
    panel: "Panel",
    mask: "BoolMatrix",
    *,
    decisions: NDArray[np.int64],
    start_row: int,
) -> "Series":
    weights = np.zeros(panel.shape)
    weights[decisions] = equal_weights(mask[decisions])
    book = simulate(
        weights,
        panel,
        rebalance_bars=strategy.rebalance_bars,
        delay_bars=strategy.delay_bars,
        costs=_FREE,
        start_row=start_row,
    )
    return book.returns
