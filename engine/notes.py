"""What a reader of a back-test's figures must know: said in sentences, never swallowed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .grid import day_before, instant_text
from .holdout import withheld

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from ..dsl.strategy import Strategy, Window
    from .folds import FoldResult
    from .simulate import Simulation

# Weights that miss the asked gross by less than this are only rounded.
ROUNDING = 1e-9
NAMES_SHOWN = 5
FOLDS_SHOWN = 12


def notes_of(  # noqa: PLR0913  # All that a note may be about.
    strategy: "Strategy",
    panel: "Panel",
    simulation: "Simulation",
    *,
    targets: "Matrix",
    folds: Sequence["FoldResult"],
    covered: "Window",
) -> tuple[str, ...]:
    """State what was missing, assumed or cut, in a fixed order; nothing when all went as asked."""
    found = [
        *_data_notes(strategy, panel, simulation),
        *_book_notes(simulation),
        *_account_notes(strategy, panel, simulation),
        *_target_notes(strategy, targets),
        *_fold_notes(folds),
        *_holdout_notes(strategy, covered),
    ]
    return tuple(found)


def _data_notes(strategy: "Strategy", panel: "Panel", simulation: "Simulation") -> list[str]:
    notes = [*panel.notes, *_name_notes(strategy, panel)]
    if strategy.costs.has_funding and "funding_rate" not in panel.fields:
        notes.append("no funding is booked: the dataset has no `funding_rate`")
    elif strategy.costs.has_funding and "mark_open" not in panel.fields:
        notes.append("funding is settled on the open: the dataset has no `mark_open`")
    if simulation.prices_dropped:
        notes.append(
            f"prices that were not positive, taken as missing: {simulation.prices_dropped}"
        )
    traded = np.flatnonzero(simulation.traded_total)
    idle = int(traded[0]) if len(traded) else len(simulation.times)
    if idle > strategy.rebalance_bars:
        notes.append(f"the first {idle} bars of the window are flat: the signal starts inside it")
    return notes


def _name_notes(strategy: "Strategy", panel: "Panel") -> list[str]:
    """State the instruments that the universe names and the data set lacks."""
    universe = strategy.universe
    unknown = sorted({*universe.only, *universe.exclude} - set(panel.symbols))
    if not unknown:
        return []
    shown = ", ".join(unknown[:NAMES_SHOWN]) + (", ..." if len(unknown) > NAMES_SHOWN else "")
    return [f"the universe names instruments that the dataset lacks: {shown}"]


def _book_notes(simulation: "Simulation") -> list[str]:
    notes: list[str] = []
    if simulation.frozen:
        notes.append(
            f"orders that found no bar to trade in, their positions kept: {simulation.frozen}"
        )
    if simulation.delisted:
        names = ", ".join(simulation.delisted)
        notes.append(f"closed at their last close, their bars having ended: {names}")
    if simulation.expired:
        names = ", ".join(simulation.expired)
        notes.append(f"settled at the end of their contracts: {names}")
    if simulation.liquidated_row is not None:
        when = instant_text(int(simulation.times[simulation.liquidated_row]))
        is_ruin = simulation.equity[simulation.liquidated_row] <= 0
        what = "ruined" if is_ruin else "liquidated, its margin being too small,"
        notes.append(f"the book was {what} in the bar of {when} UTC and is flat from then on")
    return notes


def _account_notes(strategy: "Strategy", panel: "Panel", simulation: "Simulation") -> list[str]:
    """State what the account's terms did, and what the data could not say of them."""
    notes: list[str] = []
    account, costs = strategy.account, strategy.costs
    if simulation.bound:
        notes.append(
            f"targets scaled down to a leverage of {account.leverage}: {simulation.bound} decisions"
        )
    if simulation.too_small:
        notes.append(f"orders too small to be done: {simulation.too_small}")
    if costs.impact and simulation.impact_unknown:
        notes.append(
            "trades in bars without a known volume or volatility, booked without impact: "
            f"{simulation.impact_unknown}"
        )
    if costs.impact and account.capital == 1:
        notes.append("impact is that of a capital of 1: say it with `account capital 100000`")
    if account.maintenance and not {"mark_open", "mark_close"} <= set(panel.fields):
        notes.append("margin is checked on traded prices where the dataset has no mark prices")
    if account.maintenance:
        notes.append("margin is checked at each bar's open and close, not between them")
    return notes


def _target_notes(strategy: "Strategy", targets: "Matrix") -> list[str]:
    notes: list[str] = []
    gross = np.abs(targets).sum(axis=1)
    flat = int(np.count_nonzero(gross == 0))
    short = int(
        np.count_nonzero((gross > 0) & (gross < float(strategy.portfolio.gross) - ROUNDING))
    )
    if flat:
        notes.append(f"{flat} of {len(gross)} decisions are flat")
    if short:
        notes.append(
            f"{short} of {len(gross)} decisions hold less than the gross asked for "
            f"(on average {gross[gross > 0].mean():.2f}): {_what_binds(strategy)}"
        )
    return notes


def _what_binds(strategy: "Strategy") -> str:
    """Say what may have kept a portfolio below its gross."""
    portfolio = strategy.portfolio
    found = [
        words
        for words, is_asked in (
            ("neutrality", portfolio.neutral is not None or portfolio.beta_bars is not None),
            ("the volatility target", portfolio.vol_target is not None),
            ("the group limit", portfolio.group_max is not None),
            ("the weight limit", portfolio.weight_max is not None),
        )
        if is_asked
    ]
    if not found or found == ["the weight limit"]:
        return "too few names under the weight limit"
    return f"{' or '.join(found)} binds"


def _fold_notes(folds: Sequence["FoldResult"]) -> list[str]:
    """State the tests of a split; the table with all of it is an artifact."""
    if not folds:
        return []
    sharpes = [fold.test_sharpe for fold in folds]
    shown = ", ".join("-" if value is None else f"{value:.2f}" for value in sharpes[:FOLDS_SHOWN])
    more = ", ..." if len(sharpes) > FOLDS_SHOWN else ""
    first, last = folds[0].test[0][:10], day_before(folds[-1].test[1])
    return [
        f"{len(folds)} folds, tested from {first} to {last}; Sharpe by test: {shown}{more}",
    ]


def _holdout_notes(strategy: "Strategy", covered: "Window") -> list[str]:
    days = withheld(strategy, covered)
    if days is None:
        return []
    return [f"withheld, neither loaded nor simulated: {days.start} .. {days.end}"]
