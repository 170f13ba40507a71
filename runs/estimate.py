"""What a run will cost, judged before it starts (SAFETY D4)."""

from dataclasses import dataclass

from ..core.clock import from_text
from ..core.errors import LimitError
from ..data.card import DatasetCard
from ..dsl.cost import UNITS_PER_SECOND, Cost
from ..dsl.facts import deciding_roots, has_unbounded_reach, unique_nodes
from ..dsl.strategy import Strategy
from .limits import RunLimits

FLOAT_BYTES = 8
# Matrices of the simulator, beside those of the formulas.
SIMULATOR_MATRICES = 14
DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Estimate:
    """Cells are rows x columns x nodes; ``work`` also counts what each operator does in a cell."""

    rows: int
    columns: int
    nodes: int
    memory_bytes: int
    work: int

    @property
    def cells(self) -> int:
        """Return how many cells are computed."""
        return self.rows * self.columns * self.nodes

    @property
    def seconds(self) -> float:
        """Return about how long the formulas take."""
        return self.work / UNITS_PER_SECOND

    def sentence(self) -> str:
        """Say it in one sentence."""
        megabytes = self.memory_bytes / 1_000_000
        return (
            f"{self.rows} bars x {self.columns} instruments x {self.nodes} nodes = "
            f"{self.cells:.3g} cells, about {self.seconds:.3g} s and {megabytes:.0f} MB"
        )


def estimate(  # noqa: PLR0913  # All that a run's cost hangs on.
    strategy: Strategy,
    card: DatasetCard,
    *,
    nodes: int,
    inputs: int,
    warmup_bars: int,
    cost: Cost,
    other_columns: int = 0,
) -> Estimate:
    """Estimate a run of a strategy on a dataset.

    ``other_columns`` are those of the panels of other data sets, before they are joined.
    """
    rows = _bars(strategy, card) + warmup_bars
    matrices = inputs + cost.live + SIMULATOR_MATRICES
    columns = len(card.symbols)
    cells = columns * matrices + other_columns
    memory_bytes = rows * cells * FLOAT_BYTES
    return Estimate(rows, columns, nodes, memory_bytes, cost.total(rows, columns))


def check_budget(found: Estimate, limits: RunLimits) -> None:
    """Refuse what is over the budget.

    Raises:
        LimitError: with the estimate and the budget.
    """
    if found.cells > limits.cells_max:
        bound = f"{limits.cells_max:.3g} cells"
    elif found.work > limits.work_max:
        bound = f"{limits.work_max / UNITS_PER_SECOND:.3g} s"
    elif found.memory_bytes > limits.memory_bytes:
        bound = f"{limits.memory_bytes / 1_000_000:.0f} MB"
    else:
        return
    raise LimitError(
        f"the run needs {found.sentence()}; the budget is {bound}",
        help="shorten the backtest window or the windows of the formula, or make it smaller",
    )


def _bars(strategy: Strategy, card: DatasetCard) -> int:
    whole = int((from_text(card.end) - from_text(card.start)).total_seconds()) + card.bar_seconds
    seconds = whole
    # What remembers all of the past is computed from the dataset's first bar on.
    is_bounded = not has_unbounded_reach(unique_nodes(deciding_roots(strategy)))
    if strategy.window is not None and is_bounded:
        days = (strategy.window.end - strategy.window.start).days + 1
        seconds = min(days * DAY_SECONDS, whole)
    return seconds // card.bar_seconds
