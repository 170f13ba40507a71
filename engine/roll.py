"""Dated contracts as one series an underlying: which one is held when, and what signals see.

1. **Schedule.** Contracts of one underlying follow each other by expiry. Each is left ``roll``
   bars before it expires: at an open from then on the next one is held, if it is listed. All of
   that is announced, so no price decides it.
2. **Continuous series.** At a bar an underlying's fields are those of the contract that is held at
   its open. Prices are multiplied by a factor that starts at 1 and, at each change of contract, by
   the old close over the new one at the last bar that both have before it. So a change makes no
   return, and no bar's value changes when later ones come: the adjustment goes forward, where
   back-adjustment would rescale the past. Levels lie apart from prices; returns do not.
3. **Book.** Weights are of underlyings, and held in the contract that the schedule names at the
   open that trades them: the roll is an order like any other, and costs what orders cost.

4. **Settlement.** What is still held at delivery is settled at the mean of the index's closes, or
   of the contract's own where there is no index, over the bars of the last hour before it, and at
   least the last bar. A contract whose bars end earlier is closed as any delisting.

A symbol without a day of delivery is an underlying of its own, and never rolls.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..core.errors import InvalidInputError
from ..core.symbols import delivery_of

if TYPE_CHECKING:
    from ..core.panel import Matrix, Panel

# What is a price, and so adjusted; of another data set's fields the part behind the alias counts.
PRICES = frozenset(
    f"{what}{when}" for what in ("", "mark_", "index_") for when in ("open", "high", "low", "close")
) | {"vwap"}
NOBODY = -1
_SETTLED_OVER = 3600
Value = TypeVar("Value", np.float64, np.bool_)


@dataclass(frozen=True, slots=True)
class Rolled:
    """``panel`` is of underlyings, ``book`` of contracts, on the same bars.

    ``held`` is, for each bar and underlying, the contract's column at the bar's open, or NOBODY.
    """

    panel: "Panel"
    book: "Panel"
    held: NDArray[np.int64]

    def spread(self, values: NDArray[Value], empty: Value, delay_bars: int) -> NDArray[Value]:
        """Put each underlying's values in the contract held where what is decided is traded."""
        rows = np.minimum(np.arange(len(values)) + delay_bars, len(values) - 1)
        out = np.full(self.book.shape, empty, dtype=values.dtype)
        at, name = np.nonzero(self.held[rows] != NOBODY)
        out[at, self.held[rows][at, name]] = values[at, name]
        return out


def rolled(panel: "Panel", roll_bars: int) -> Rolled:
    """Lay the contracts of a panel out as underlyings.

    Raises:
        InvalidInputError: when no symbol has a day of delivery.
    """
    chains = _chains(panel)
    if all(len(chain) == 1 and chain[0][0] is None for chain in chains.values()):
        raise InvalidInputError(
            f"dataset `{panel.dataset}` has no contract with a day of delivery",
            help="remove `roll`; a dated contract is spelled `BTCUSDT_251226` or `BTC-251226`",
        )
    names = sorted(chains)
    early = roll_bars * panel.bar_seconds
    has_bar = np.isfinite(panel.fields["close"])
    held = np.column_stack([_held(chains[name], panel, has_bar, early) for name in names])
    factors = np.ones(held.shape)
    loose = 0
    for place in range(len(names)):
        factors[:, place], missed = _factors(held[:, place], panel.fields["close"])
        loose += missed
    is_held = held != NOBODY
    rows = np.arange(len(held))[:, None]
    fields = {}
    for field, values in panel.fields.items():
        taken = np.where(is_held, values[rows, np.maximum(held, 0)], np.nan)
        fields[field] = taken * factors if field.rpartition(".")[2] in PRICES else taken
    notes = panel.notes
    if loose:
        notes = (*notes, f"rolls between contracts that have no bar in common: {loose}")
    seen = replace(panel, symbols=tuple(names), fields=fields, notes=notes)
    return Rolled(seen, replace(panel, notes=notes), held)


def settlements(panel: "Panel") -> NDArray[np.float64]:
    """Return the price that each contract is settled at; NaN where it is not delivered in time."""
    out = np.full(panel.shape[1], np.nan)
    prices = panel.fields.get("index_close", panel.fields["close"])
    for column, symbol in enumerate(panel.symbols):
        found = delivery_of(symbol)
        rows = np.flatnonzero(np.isfinite(panel.fields["close"][:, column]))
        if found is None or not len(rows):
            continue
        end = int(panel.times[rows[-1]]) + panel.bar_seconds
        if not found[1] <= end < found[1] + panel.bar_seconds:
            continue
        last = rows[(panel.times[rows] >= found[1] - _SETTLED_OVER) | (rows == rows[-1])]
        known = prices[last, column]
        known = known[np.isfinite(known) & (known > 0)]
        out[column] = known.mean() if len(known) else np.nan
    return out


def _chains(panel: "Panel") -> dict[str, list[tuple[int | None, int]]]:
    """Return the expiries and columns of each underlying, soonest first."""
    undated = {symbol for symbol in panel.symbols if delivery_of(symbol) is None}
    chains: dict[str, list[tuple[int | None, int]]] = {}
    for column, symbol in enumerate(panel.symbols):
        found = delivery_of(symbol)
        if found is None:
            chains[symbol] = [(None, column)]
            continue
        name, expiry = found
        # The perpetual on the same coin is another instrument.
        name = f"{name}_dated" if name in undated else name
        chains.setdefault(name, []).append((expiry, column))
    for chain in chains.values():
        chain.sort(key=lambda item: (item[0] or 0, item[1]))
    return chains


def _held(
    chain: list[tuple[int | None, int]],
    panel: "Panel",
    has_bar: NDArray[np.bool_],
    early: int,
) -> NDArray[np.int64]:
    if chain[0][0] is None:
        return np.full(len(panel.times), chain[0][1], dtype=np.int64)
    left = np.array([(expiry or 0) - early for expiry, _ in chain], dtype=np.int64)
    columns = np.array([*(column for _, column in chain), NOBODY], dtype=np.int64)
    due: NDArray[np.int64] = columns[np.searchsorted(left, panel.times, side="right")]
    # Listed means that it had a bar before: what opens now is not known to.
    listed = np.zeros(has_bar.shape, dtype=np.bool_)
    listed[1:] = np.logical_or.accumulate(has_bar, axis=0)[:-1]
    rows = np.arange(len(due))
    return np.where((due != NOBODY) & listed[rows, due], due, NOBODY)


def _factors(held: NDArray[np.int64], close: "Matrix") -> tuple[NDArray[np.float64], int]:
    """Return the factor of each bar, and how many changes had nothing to measure it by."""
    out = np.ones(len(held))
    loose = 0
    rows = np.flatnonzero(held != NOBODY)
    changes = rows[1:][held[rows[1:]] != held[rows[:-1]]]
    before = rows[:-1][held[rows[1:]] != held[rows[:-1]]]
    for row, last in zip(changes.tolist(), before.tolist(), strict=True):
        old, new = close[:row, held[last]], close[:row, held[row]]
        with np.errstate(invalid="ignore"):
            both = np.flatnonzero(np.isfinite(old) & np.isfinite(new) & (old > 0) & (new > 0))
        if len(both):
            out[row:] = out[row - 1] * (old[both[-1]] / new[both[-1]])
        loose += not len(both)
    return out, loose
