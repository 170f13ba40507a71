"""Why two ledgers of one book differ: lines that add up to the difference, bar by bar.

Each line is what one cause alone contributes to the equity of the replay less that of research:

1. Both sides hold what was decided for them: the targets, on their own equity at the open. So the
   difference of units is a rounding to the venue's step, another equity at the sizing, and a rest
   which nobody decided.
2. Gains, fees, slippage and funding are linear in units and prices. What follows from other units,
   from prices rounded to ticks, and from a fee on a price with slippage in it, is worked out; what
   either side states beyond that is a rest.
3. Equity less what a side's own lines add up to is its bookkeeping's rest.

All rests together are what is unexplained. Nothing here reads a file or asks an engine.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .ledger import Ledger
from .market import Market, Prices, before
from .script import Script

if TYPE_CHECKING:
    from ...core.panel import Matrix

Series = NDArray[np.float64]
BP = 10_000.0


@dataclass(frozen=True, slots=True)
class Line:
    """One cause: its share of the difference so far, in basis points of capital, at each bar."""

    group: str
    cause: str
    bp: Series
    is_explained: bool = True

    @property
    def final_bp(self) -> float:
        """Return the share at the last bar."""
        return float(self.bp[-1])

    @property
    def max_bp(self) -> float:
        """Return the largest absolute share at any bar."""
        return float(np.abs(self.bp).max())


@dataclass(frozen=True, slots=True)
class _Side:
    """A ledger with the prices that it was written on, and what was decided for it to hold."""

    ledger: Ledger
    prices: Prices
    decided: "Matrix"


def lines_between(replayed: Ledger, research: Ledger, market: Market, script: Script) -> list[Line]:
    """Return all lines; their sum is the replay's equity less that of research, at each bar."""
    ours = _Side(research, market.prices, _decided(research, market.prices, market, script))
    other = _Side(replayed, script.prices, _decided(replayed, script.prices, market, script))
    sides = (other, ours)
    return [
        *_gains(*sides, market, script),
        *_fees(*sides, market, script),
        *_slippage(*sides, market, script),
        *_funding(*sides, market),
        _line(
            "books",
            "equity is not what the side's own lines add up to",
            replayed.equity - replayed.booked() - (research.equity - research.booked()),
            is_explained=False,
            is_sum=True,
        ),
    ]


def difference_bp(replayed: Ledger, research: Ledger) -> Series:
    """Return the replay's equity less that of research, in basis points of capital."""
    return (replayed.equity - research.equity) * BP


def _line(
    group: str, cause: str, shares: Series, *, is_explained: bool = True, is_sum: bool = False
) -> Line:
    total = shares if is_sum else np.cumsum(shares)
    return Line(group, cause, total * BP, is_explained=is_explained)


def _decided(ledger: Ledger, prices: Prices, market: Market, script: Script) -> "Matrix":
    """Return the units that the targets ask for on a ledger's own equity at each sizing."""
    costs = ledger.fees + ledger.slippage
    moved = before(ledger.units) * (prices.at_open - before(prices.at_close))
    held = np.zeros(len(market.symbols))
    wanted = np.zeros(ledger.units.shape)
    for row in range(len(wanted)):
        is_gone = market.gone == row
        held = np.where(is_gone, 0.0, held)
        if script.decides[row]:
            equity = ledger.equity[row - 1] if row else 1.0
            equity += float((moved[row] - ledger.funding[row]).sum() - costs[row][is_gone].sum())
            can_trade = np.isfinite(market.open[row])
            price = np.where(can_trade, prices.at_open[row], 1.0)
            held = np.where(can_trade, script.targets[row] * equity / price, held)
        wanted[row] = held
    return wanted


def _gains(other: _Side, ours: _Side, market: Market, script: Script) -> Iterator[Line]:
    scale = script.capital
    columns = [
        np.round(other.decided[:, at] * scale, int(digits)) / scale
        for at, digits in enumerate(script.size_digits)
    ]
    rounded = np.stack(columns, axis=1)
    true = market.prices
    yield _line("units", "rounded to the venue's step", true.gain(rounded - other.decided))
    yield _line("units", "sized on another equity", true.gain(other.decided - ours.decided))
    rest = other.ledger.units - rounded + ours.decided - ours.ledger.units
    yield _line("units", "held otherwise than decided", true.gain(rest), is_explained=False)
    on_prints = other.prices.gain(other.ledger.units)
    ticks = on_prints - true.gain(other.ledger.units)
    yield _line("price gain", "prices rounded to ticks", ticks)
    stated = other.ledger.gain - on_prints - (ours.ledger.gain - true.gain(ours.ledger.units))
    yield _line(
        "price gain", "stated otherwise than units and prices give", stated, is_explained=False
    )


def _fees(other: _Side, ours: _Side, market: Market, script: Script) -> Iterator[Line]:
    rate, at_open = float(script.taker), market.prices.at_open
    size, size_ours = np.abs(other.ledger.traded), np.abs(ours.ledger.traded)
    fill = np.where(other.ledger.traded != 0, other.ledger.price, at_open)
    yield _line("fees", "on other units", -rate * _sum((size - size_ours) * at_open))
    on_slip = -rate * _sum(size * (fill - at_open))
    yield _line("fees", "on a price that has the slippage in it", on_slip)
    rest = _sum(other.ledger.fees - rate * size * fill)
    rest -= _sum(ours.ledger.fees - rate * size_ours * at_open)
    yield _line("fees", "beyond the fee rate", -rest, is_explained=False)


def _slippage(other: _Side, ours: _Side, market: Market, script: Script) -> Iterator[Line]:
    at_open, prints = market.prices.at_open, other.prices.at_open
    traded, size_ours = other.ledger.traded, np.abs(ours.ledger.traded)
    quote = np.where(traded > 0, script.ask, script.bid)
    rate = script.slippage
    yield _line("slippage", "on other units", -rate * _sum((np.abs(traded) - size_ours) * at_open))
    quoted = np.where(traded != 0, traded * (quote - prints), 0.0)
    ticks = quoted - rate * np.abs(traded) * at_open
    yield _line("slippage", "quotes rounded to ticks", -_sum(ticks))
    rest = _sum(other.ledger.slippage - quoted)
    rest -= _sum(ours.ledger.slippage - rate * size_ours * at_open)
    yield _line("slippage", "away from the quote", -rest, is_explained=False)


def _funding(other: _Side, ours: _Side, market: Market) -> Iterator[Line]:
    due = market.mark * market.rate
    held, held_ours = before(other.ledger.units), before(ours.ledger.units)
    yield _line("funding", "on other units", -_sum((held - held_ours) * due))
    rest = _sum(other.ledger.funding - held * due) - _sum(ours.ledger.funding - held_ours * due)
    yield _line("funding", "beyond the rates", -rest, is_explained=False)


def _sum(values: "Matrix") -> Series:
    total: Series = values.sum(axis=1)
    return total
