"""Where a book's gain came from: by symbol, by side, by factor, and what costs took of it.

1. By symbol: each name's gain from prices, its funding and its trading costs, over the window.
2. By side: the same of what was held long and short. Funding and the gap before a bar's trades are
   of what was held then; a trade that changes sides pays for both, by the units of each.
3. By factor: at each decision the weights are regressed, without a constant, on the factors, each
   standardised over the names where all of them are known (Grinold and Kahn, holdings-based
   attribution). A factor gains what its fitted weights would have, on the equity at the open where
   they are traded, until the next decision is. Collinear factors share by the shortest solution.
4. The residual is the gain from prices less that of all factors: weights that no factor explains,
   drift, orders not done.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..dsl.facts import unique_nodes
from ..dsl.nodes import Field
from .facts import Facts, Market
from .positions import Positions, positions_of
from .stretches import Stretches

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from ..dsl.nodes import Node
    from ..dsl.strategy import Strategy
    from .simulate import Simulation

Series = NDArray[np.float64]
SIDES = ("long", "short")
PARTS = ("prices", "funding", "fees", "slippage", "impact")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Money of the capital's currency; all but prices is what was paid, slippage without impact.

    ``by_symbol`` and ``by_side`` have a row for each of ``PARTS``; columns are the symbols, and
    ``SIDES``. ``by_factor`` is a gain from prices for each factor, ``residual`` what they leave.
    """

    by_symbol: "Matrix"
    by_side: "Matrix"
    factors: tuple[str, ...]
    by_factor: Series
    residual: float


def factors_of(strategy: "Strategy", panel: "Panel") -> "dict[str, Node]":
    """Return the named factors that the panel has the fields of."""
    return {
        name: node
        for name, node in strategy.factors
        if all(
            item.field in panel.fields for item in unique_nodes((node,)) if isinstance(item, Field)
        )
    }


def attribute(
    facts: Facts,
    market: Market,
    factors: "Mapping[str, Matrix]",
    *,
    weights: "Matrix",
    traded_rows: NDArray[np.int64],
) -> Attribution:
    """Attribute a book's gain.

    ``factors`` and ``weights`` are of the decisions; ``traded_rows`` the simulated rows where they
    are traded.
    """
    simulation, positions = facts.simulation, positions_of(facts, market)
    gained = float(simulation.gain_of_name.sum())
    names = tuple(factors)
    by_factor = np.zeros(len(names))
    if names:
        fitted = fitted_weights(weights, list(factors.values()))
        returns, equity = _periods(simulation, market, traded_rows)
        by_factor = np.einsum("fdn,dn,d->f", fitted, returns, equity)
    return Attribution(
        by_symbol=_by_symbol(simulation, positions.stretches),
        by_side=_by_side(positions),
        factors=names,
        by_factor=by_factor,
        residual=gained - float(by_factor.sum()),
    )


def fitted_weights(weights: "Matrix", factors: "Sequence[Matrix]") -> NDArray[np.float64]:
    """Return each factor's part of the weights, [factor, decision, instrument]."""
    known = np.logical_and.reduce([np.isfinite(values) for values in factors])
    scores = np.stack([standardised(values, known) for values in factors])
    gram = np.einsum("fdn,gdn->dfg", scores, scores)
    moments = np.einsum("fdn,dn->df", scores, weights)
    loads = np.einsum("dfg,dg->fd", np.linalg.pinv(gram, hermitian=True), moments)
    fitted: NDArray[np.float64] = loads[:, :, None] * scores
    return fitted


def standardised(values: "Matrix", known: NDArray[np.bool_]) -> "Matrix":
    """Return each row's scores over the known names; 0 elsewhere and where all are the same."""
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    kept = np.where(known, values, 0.0)
    largest = np.abs(kept).max(axis=1, keepdims=True, initial=0.0)
    kept = kept / np.where(largest > 0, largest, 1.0)
    high = np.where(known, kept, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
    low = np.where(known, kept, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    off = np.where(known, kept - kept.sum(axis=1, keepdims=True) / count, 0.0)
    spread = np.sqrt((off**2).sum(axis=1, keepdims=True) / count)
    varies = (high > low) & (spread > 0)
    scores: Matrix = np.where(varies, off / np.where(varies, spread, 1.0), 0.0)
    return scores


def _periods(
    simulation: "Simulation", market: Market, rows: NDArray[np.int64]
) -> "tuple[Matrix, Series]":
    """Return each period's returns by name, to the next trade or the end, and its equity."""
    last = len(market.closes) - 1
    closes = _last_closes(market, np.append(rows - 1, last))
    before, opens = closes[:-1], market.opens[rows]
    at_open = np.where(_is_bar(opens, market.closes[rows]), opens, before)
    ends = np.vstack([at_open[1:], closes[-1:]])
    with np.errstate(invalid="ignore"):
        returns = np.nan_to_num(ends / at_open - 1.0)
    equity_before = np.concatenate(([simulation.capital], simulation.equity[:-1]))[rows]
    units = np.where((rows > 0)[:, None], simulation.units[rows - 1], 0.0)
    gaps = np.nan_to_num(units * (at_open - before)).sum(axis=1)
    equity = equity_before + gaps - simulation.funding[rows]
    if simulation.liquidated_row is not None:
        equity = np.where(rows >= simulation.liquidated_row, 0.0, equity)
    return returns, equity


def _last_closes(market: Market, rows: NDArray[np.int64]) -> "Matrix":
    """Return the close of the last bar at or before each row; NaN before the first, and at -1."""
    there = np.maximum(rows, 0)
    closes = np.where((rows >= 0)[:, None], market.closes[there], np.nan)
    has_bar = _is_bar(market.opens[there], closes) | (rows < 0)[:, None]
    # Only names that lack a bar here and there need a look at what was before.
    lacking = np.flatnonzero(~has_bar.all(axis=0))
    if len(lacking):
        whole = market.closes[:, lacking]
        is_bar = _is_bar(market.opens[:, lacking], whole)
        places = np.arange(len(whole))[:, None]
        known = np.maximum.accumulate(np.where(is_bar, places, -1), axis=0)[there]
        found = np.take_along_axis(whole, np.maximum(known, 0), axis=0)
        closes[:, lacking] = np.where((known >= 0) & (rows >= 0)[:, None], found, np.nan)
    return closes


def _is_bar(opens: "Matrix", closes: "Matrix") -> NDArray[np.bool_]:
    """Tell where there is a bar: half a one, or a price that is not positive, is none."""
    with np.errstate(invalid="ignore"):
        found: NDArray[np.bool_] = (opens > 0) & (closes > 0)
    return found & np.isfinite(opens) & np.isfinite(closes)


def _by_symbol(simulation: "Simulation", stretches: Stretches) -> "Matrix":
    costs = [values.sum(axis=0) for values in stretches.costs]
    return np.stack([simulation.gain_of_name, simulation.funding_of_name, *costs])


def _by_side(positions: Positions) -> "Matrix":
    stretches, changes = positions.stretches, positions.changes
    whole = (stretches.prices, stretches.funding, *stretches.costs)
    costs = [changes.of(values) * changes.share for values in stretches.costs]
    moved = (changes.prices, changes.funding, *costs)
    out = np.zeros((len(PARTS), len(SIDES)))
    for column, sign in enumerate((1, -1)):
        is_now = (stretches.units * sign > 0).astype(np.float64)
        came, left = changes.units * sign > 0, changes.before * sign > 0
        out[:, column] = [
            float(np.einsum("ij,ij->", values, is_now)) - float(old[came].sum() - old[left].sum())
            for values, old in zip(whole, moved, strict=True)
        ]
    return out
