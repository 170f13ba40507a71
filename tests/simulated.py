"""Panels, weights and checks that the simulator's tests share."""

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from alphaforge.core.panel import Panel
from alphaforge.dsl.strategy import Costs
from alphaforge.engine.simulate import Simulation

Matrix = NDArray[np.float64]
HOUR = 3600
COSTS = Costs(taker_bp=Decimal(5), slippage_bp=Decimal(2), has_funding=True)
FREE = Costs(taker_bp=Decimal(0), slippage_bp=Decimal(0), has_funding=False)


def panel_of(fields: dict[str, Matrix], start: int = 0) -> Panel:
    rows, names = next(iter(fields.values())).shape
    return Panel(
        dataset="test",
        snapshot="snap_test",
        bar_seconds=HOUR,
        times=np.arange(start, start + rows, dtype=np.int64) * HOUR,
        symbols=tuple(f"S{name:02d}" for name in range(names)),
        fields=fields,
    )


def random_panel(seed: int, rows: int = 120, names: int = 5, *, has_gaps: bool = True) -> Panel:
    rng = np.random.default_rng(seed)
    close = 10.0 * np.exp(np.cumsum(rng.normal(0, 0.02, (rows, names)), axis=0))
    opens = np.vstack([close[:1], close[:-1]]) * np.exp(rng.normal(0, 0.003, (rows, names)))
    mark = opens * (1 + rng.normal(0, 0.001, (rows, names)))
    funding = np.zeros((rows, names))
    funding[::8] = rng.normal(0, 0.0005, funding[::8].shape)
    if has_gaps:
        missing = rng.random((rows, names)) < 0.05
        missing[: rows // 4, 0] = True  # A listing.
        missing[2 * rows // 3 :, 1] = True  # A delisting.
        for values in (opens, close, mark, funding):
            values[missing] = np.nan
        mark[:, 2] = np.nan
    return panel_of({"open": opens, "close": close, "mark_open": mark, "funding_rate": funding}, 7)


def random_weights(seed: int, panel: Panel, scale: float = 1.0) -> Matrix:
    rng = np.random.default_rng(seed + 1000)
    weights = rng.normal(0, scale / panel.shape[1], panel.shape)
    weights[np.isnan(panel.fields["close"])] = 0.0
    return weights


def three_bars() -> Panel:
    """One name, decided at each bar: opens 100, 110, 120; closes 105, 115, 90."""
    return panel_of(
        {
            "open": np.array([[100.0], [110.0], [120.0]]),
            "close": np.array([[105.0], [115.0], [90.0]]),
            "mark_open": np.array([[100.0], [110.0], [121.0]]),
            "funding_rate": np.array([[0.001], [0.001], [0.001]]),
        }
    )


def assert_conserved(simulation: Simulation) -> None:
    booked = (
        simulation.capital
        + simulation.price_pnl.sum()
        - simulation.fees.sum()
        - simulation.slippage.sum()
        - simulation.funding.sum()
    )
    scale = max(abs(simulation.equity[-1]), np.abs(simulation.price_pnl).sum(), 1.0)
    assert abs(simulation.equity[-1] - booked) <= 1e-9 * scale
