"""What a reader of a back-test's figures must know: said in sentences, never swallowed."""

from typing import TYPE_CHECKING

import numpy as np

from .grid import instant_text

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel
    from ..dsl.strategy import Strategy
    from .simulate import Simulation

# Weights that miss the asked gross by less than this are only rounded.
ROUNDING = 1e-9


def notes_of(
    strategy: "Strategy", panel: "Panel", simulation: "Simulation", targets: "Matrix"
) -> tuple[str, ...]:
    """State what was missing, assumed or cut, in a fixed order; nothing when all went as asked."""
    found = [
        *_data_notes(strategy, panel, simulation),
        *_book_notes(simulation),
        *_target_notes(strategy, targets),
    ]
    return tuple(found)


def _data_notes(strategy: "Strategy", panel: "Panel", simulation: "Simulation") -> list[str]:
    notes = list(panel.notes)
    if strategy.costs.has_funding and "funding_rate" not in panel.fields:
        notes.append("no funding is booked: the dataset has no `funding_rate`")
    elif strategy.costs.has_funding and "mark_open" not in panel.fields:
        notes.append("funding is settled on the open: the dataset has no `mark_open`")
    if simulation.prices_dropped:
        notes.append(
            f"prices that were not positive, taken as missing: {simulation.prices_dropped}"
        )
    traded = np.flatnonzero(simulation.traded.any(axis=1))
    idle = int(traded[0]) if len(traded) else len(simulation.times)
    if idle > strategy.rebalance_bars:
        notes.append(f"the first {idle} bars of the window are flat: the signal starts inside it")
    return notes


def _book_notes(simulation: "Simulation") -> list[str]:
    notes: list[str] = []
    if simulation.frozen:
        notes.append(
            f"orders that found no bar to trade in, their positions kept: {simulation.frozen}"
        )
    if simulation.delisted:
        names = ", ".join(simulation.delisted)
        notes.append(f"closed at their last close, their bars having ended: {names}")
    if simulation.liquidated_row is not None:
        when = instant_text(int(simulation.times[simulation.liquidated_row]))
        notes.append(f"the book was ruined in the bar of {when} UTC and is flat from then on")
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
            f"(on average {gross[gross > 0].mean():.2f}): too few names under the weight limit"
        )
    return notes
