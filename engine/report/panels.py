"""The panels of a tear sheet, each drawn on axes it is given, in colours it is given."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .palette import Palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from ..artifacts import Series

Floats = NDArray[np.float64]
DAY_SECONDS = 86_400
# Below this many calendar months, bars of months say little: weeks then, or days.
MONTHS_MIN = 3
WEEKS_MIN = 4
NAMES_SHOWN = 10
# More points than a panel has pixels only make the file heavy.
POINTS_MAX = 1000
PERCENT = 100.0
BP = 10_000.0


@dataclass(frozen=True, slots=True)
class Panel:
    """One picture: its title, the unit of its upright axis, and how to draw it."""

    name: str
    title: str
    draw: Callable[["Axes", "Series", Palette], None]


def instants(seconds: NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Turn epoch seconds into what a time axis takes."""
    return seconds.astype("datetime64[s]")


def thinned(count: int) -> NDArray[np.int64]:
    """Choose the rows to draw: evenly spaced, the last among them."""
    step = max(1, -(-count // POINTS_MAX))
    return np.arange(count - 1, -1, -step, dtype=np.int64)[::-1]


def legend(axes: "Axes", columns: int) -> None:
    """Put the names of the lines above the axes, where no line runs."""
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=columns)


def draw_equity(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw growth of capital, net and before trading costs, and the benchmark's if there is one."""
    rows = thinned(len(series.times))
    ends = instants(series.times + series.bar_seconds)[rows]
    net = series.equity / series.capital
    before = net + np.cumsum(series.fees + series.slippage) / series.capital
    axes.plot(ends, before[rows], color=palette.other, linewidth=1.0, label="before trading costs")
    axes.plot(ends, net[rows], color=palette.main, linewidth=1.6, label="net")
    if len(series.benchmark):
        growth = np.cumprod(1.0 + np.nan_to_num(series.benchmark))
        axes.plot(ends, growth[rows], color=palette.third, linewidth=1.2, label="benchmark")
    axes.axhline(1.0, color=palette.muted, linewidth=0.7)
    legend(axes, 3)


def draw_drawdown(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw the fall below the highest equity so far, percent; of bars drawn as one, the deepest."""
    rows = thinned(len(series.times))
    ends = instants(series.times + series.bar_seconds)[rows]
    peak = np.maximum(np.maximum.accumulate(series.equity), series.capital)
    starts = np.concatenate(([0], rows[:-1] + 1))
    fall = np.minimum.reduceat((series.equity / peak - 1.0) * PERCENT, starts)
    axes.fill_between(ends, fall, 0.0, color=palette.loss, alpha=0.25, linewidth=0)
    axes.plot(ends, fall, color=palette.loss, linewidth=1.0)


def draw_periods(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw returns by calendar month, or by week or day in a short window, percent."""
    labels, returns = periods(series)
    places = np.arange(len(labels))
    colours = [palette.main if value >= 0 else palette.loss for value in returns]
    axes.bar(places, returns * PERCENT, color=colours, width=0.72)
    axes.axhline(0.0, color=palette.muted, linewidth=0.7)
    step = max(1, -(-len(labels) // 8))
    axes.set_xticks(places[::step], labels[::step])
    axes.margins(x=0.03)


def periods(series: "Series") -> tuple[list[str], Floats]:
    """Compound returns by calendar period (UTC); the label is the period's first day."""
    days = series.times // DAY_SECONDS
    months = [_month(int(day)) for day in days]
    if len(set(months)) >= MONTHS_MIN:
        keys: list[str] = months
    elif days[-1] - days[0] >= 7 * WEEKS_MIN:
        # Day 0 of the epoch was a Thursday; weeks begin on Monday.
        keys = [_day(int(day) - (int(day) + 3) % 7) for day in days]
    else:
        keys = [_day(int(day)) for day in days]
    names = list(dict.fromkeys(keys))
    number = {name: place for place, name in enumerate(names)}
    place = np.array([number[key] for key in keys])
    growth = np.array([np.prod(1.0 + series.returns[place == each]) for each in range(len(names))])
    return names, growth - 1.0


def _month(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_SECONDS, UTC).strftime("%Y-%m")


def _day(day: int) -> str:
    return datetime.fromtimestamp(day * DAY_SECONDS, UTC).strftime("%m-%d")


def draw_lags(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw the mean rank IC by lag with two standard errors."""
    lags = np.arange(len(series.lag_rank_ic))
    means, errors = np.nan_to_num(series.lag_rank_ic), np.nan_to_num(series.lag_rank_ic_se)
    colours = [palette.main if value >= 0 else palette.loss for value in means]
    axes.bar(lags, means, color=colours, width=0.62)
    axes.errorbar(
        lags, means, yerr=2 * errors, fmt="none", ecolor=palette.ink, elinewidth=1.0, capsize=3
    )
    axes.axhline(0.0, color=palette.muted, linewidth=0.7)
    axes.set_xticks(lags, [str(lag) for lag in lags])
    axes.margins(x=0.03)
    axes.set_xlabel("rebalances later")


def draw_ic(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw the rank ICs added up over decisions: a steady signal climbs evenly."""
    total = np.cumsum(np.nan_to_num(series.rank_ic))
    axes.plot(instants(series.decision_times), total, color=palette.main, linewidth=1.3)
    axes.axhline(0.0, color=palette.muted, linewidth=0.7)


def draw_quantiles(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw the mean return to the next rebalance by fifth of the signal, basis points."""
    values = np.nan_to_num(series.quantile_returns) * BP
    places = np.arange(len(values))
    colours = [palette.main if value >= 0 else palette.loss for value in values]
    axes.bar(places, values, color=colours, width=0.62)
    axes.axhline(0.0, color=palette.muted, linewidth=0.7)
    labels = [str(place + 1) for place in places]
    labels[0], labels[-1] = f"{labels[0]}\nlowest", f"{labels[-1]}\nhighest"
    axes.set_xticks(places, labels)
    axes.margins(x=0.03)


def draw_turnover(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw traded notional over equity, by day."""
    day = series.times // DAY_SECONDS
    first = int(day[0])
    totals = np.bincount((day - first).astype(np.int64), weights=series.turnover)
    days = instants((first + np.arange(len(totals), dtype=np.int64)) * DAY_SECONDS)
    axes.fill_between(days, totals, 0.0, color=palette.third, alpha=0.25, linewidth=0, step="post")
    axes.step(days, totals, where="post", color=palette.third, linewidth=1.0)
    axes.set_ylim(bottom=0.0)


def draw_exposure(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw gross and net exposure at the close, multiples of equity."""
    rows = thinned(len(series.times))
    ends = instants(series.times + series.bar_seconds)[rows]
    held = series.positions[rows]
    gross, net = np.abs(held).sum(axis=1), held.sum(axis=1)
    axes.plot(ends, gross, color=palette.main, linewidth=1.2, label="gross")
    axes.plot(ends, net, color=palette.loss, linewidth=1.0, label="net")
    axes.axhline(0.0, color=palette.muted, linewidth=0.7)
    legend(axes, 2)


def draw_costs(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw fees, slippage and funding paid so far, percent of capital."""
    rows = thinned(len(series.times))
    ends = instants(series.times + series.bar_seconds)[rows]
    lines = (
        ("fees", series.fees, palette.main),
        ("slippage", series.slippage, palette.third),
        ("funding", series.funding, palette.loss),
    )
    for label, amounts, colour in lines:
        paid = np.cumsum(amounts)[rows] / series.capital * PERCENT
        axes.plot(ends, paid, color=colour, linewidth=1.3, label=label)
    axes.axhline(0.0, color=palette.muted, linewidth=0.7)
    legend(axes, 3)


def draw_names(axes: "Axes", series: "Series", palette: Palette) -> None:
    """Draw the gain of each instrument before trading costs, percent of capital."""
    gains = series.name_gain / series.capital * PERCENT
    order = np.argsort(gains, kind="stable")
    if len(order) > NAMES_SHOWN:
        half = NAMES_SHOWN // 2
        order = np.concatenate((order[:half], order[-half:]))
    places = np.arange(len(order))
    colours = [palette.main if gains[column] >= 0 else palette.loss for column in order]
    axes.barh(places, gains[order], color=colours, height=0.7)
    axes.axvline(0.0, color=palette.muted, linewidth=0.7)
    axes.set_yticks(places, [series.symbols[column] for column in order])
    axes.tick_params(axis="y", labelsize=7.5)


EQUITY = Panel("equity", "Growth of 1, net of all costs", draw_equity)
DRAWDOWN = Panel("drawdown", "Drawdown, %", draw_drawdown)
SMALL = (
    Panel("periods", "Return by period, %", draw_periods),
    Panel("lags", "Rank IC by lag, with two standard errors", draw_lags),
    Panel("ic", "Rank IC, added up", draw_ic),
    Panel("quantiles", "Next return by fifth of the signal, bp", draw_quantiles),
    Panel("names", "Gain by instrument before costs, % of capital", draw_names),
    Panel("costs", "Costs so far, % of capital", draw_costs),
    Panel("exposure", "Exposure, x equity", draw_exposure),
    Panel("turnover", "Turnover by day, x equity", draw_turnover),
)
