"""What a metric may look at, and the mark that makes a function a metric.

Conventions shared by all metrics: returns are net, per bar, on the equity of the bar before; a year
is 365 days; no risk-free rate is taken off; a metric without a defined value is None, never 0.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..core.registry import Registry
from .grid import bars_per_year
from .information import Information
from .simulate import Simulation

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel


# What metrics use of a data set where it is.
FIELDS_MEASURED = ("quote_volume",)


@dataclass(frozen=True, slots=True)
class Market:
    """Prices and volumes of the simulated bars, ``[time, instrument]``; NaN where missing."""

    opens: "Matrix"
    closes: "Matrix"
    quote_volume: "Matrix | None" = None


@dataclass(frozen=True, slots=True)
class Facts:
    """One simulated history and what its signal knew.

    ``tested`` are the returns in the tests of a split, one after the other; ``benchmark`` are
    returns a bar, NaN where there is none; ``market`` is what metrics of prices and volumes need.
    """

    simulation: Simulation
    information: Information
    tested: NDArray[np.float64] | None = None
    benchmark: NDArray[np.float64] | None = None
    market: "Market | None" = None
    # What two metrics share, so that it is worked out once.
    kept: dict[str, object] = field(default_factory=dict, compare=False, repr=False)

    @property
    def returns(self) -> NDArray[np.float64]:
        """Return net returns, one a bar."""
        return self.simulation.returns

    @property
    def year_bars(self) -> float:
        """Count the bars of a year."""
        return bars_per_year(self.simulation.bar_seconds)

    def share_of_capital(self, amounts: NDArray[np.float64]) -> float:
        """Add up amounts as a fraction of the initial capital."""
        return float(amounts.sum()) / self.simulation.capital


def market_of(panel: "Panel", start_row: int) -> Market:
    """Take what metrics need of the rows that are simulated; volume in money where it is known."""
    fields = panel.fields
    opens, closes = fields["open"][start_row:], fields["close"][start_row:]
    if "quote_volume" in fields:
        return Market(opens, closes, fields["quote_volume"][start_row:])
    volume = fields.get("volume")
    return Market(opens, closes, None if volume is None else volume[start_row:] * closes)


Metric = Callable[[Facts], float | None]
METRICS: Registry[Metric] = Registry("metric")
F = TypeVar("F", bound=Metric)


def metric(name: str) -> Callable[[F], F]:
    """Register a function as the metric of that name."""

    def mark(function: F) -> F:
        METRICS.add(name, function, function.__module__)
        return function

    return mark


def mean_of(values: NDArray[np.float64]) -> float | None:
    """Average the finite values; nothing when there are none."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def deviation_of(values: NDArray[np.float64]) -> float | None:
    """Return the sample deviation (ddof 1); nothing for fewer than two values or a constant."""
    known = values[np.isfinite(values)]
    # Decided by comparing values: rounding makes the deviation of a constant tiny, not zero.
    if len(known) < 2 or known.min() == known.max():  # noqa: PLR2004
        return None
    return float(known.std(ddof=1))


def standard_moment(values: NDArray[np.float64], order: int) -> float | None:
    """Return the standardised central moment of the sample (population form)."""
    if deviation_of(values) is None:
        return None
    centred = values - values.mean()
    return float((centred**order).mean() / (centred**2).mean() ** (order / 2))


def ratio_of(top: float | None, bottom: float | None) -> float | None:
    """Divide, or give nothing when a part is missing or the divisor is zero."""
    if top is None or bottom is None or bottom == 0:
        return None
    return top / bottom


def finite_or_none(value: float | None) -> float | None:
    """Keep finite numbers only: an overflow is no figure."""
    return value if value is not None and math.isfinite(value) else None
