"""From target weights to order quantities, rounded toward less risk.

1. The base is the smaller of equity and capital; a target is weight times base over mark, rounded
   toward zero on the contract's grid.
2. All targets of one instrument are one net change against what is held and working.
3. A change through zero is two legs: the reduction first, then the increase.
4. A leg larger than an order may be is cut into slices, spread over the ticks in which the
   decision is fresh.
5. What rounds to nothing, has no market, or is below the venue's minimum is dropped, with the
   reason; it is never rounded up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..core.instruments import Instrument
from ..policies.limits import Limits
from .order import Intent, Purpose, client_order_id, side_of
from .quote import Quote
from .risk_input import Exposure
from .steps import ZERO, ceil_to, floor_to, toward_zero

# The mark moves between a decision and its last slice: room for that below the order limit.
SLICE_SHARE = Decimal("0.9")
SLICES_MAX = 50
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Sizes:
    """What sizing looks at: the market, the contracts, what is held, the limits."""

    quotes: Mapping[str, Quote]
    contracts: Mapping[str, Instrument]
    exposures: Mapping[str, Exposure]
    limits: Limits
    ticks_fresh: int  # the ticks of a bar in which a decision is not yet stale


@dataclass(frozen=True, slots=True)
class Leg:
    """A part of a change, before it has an id."""

    symbol: str
    change: Decimal
    purpose: Purpose
    name: str
    due_tick: int
    is_slice: bool


@dataclass(frozen=True, slots=True)
class Sized:
    """The legs in the order in which they go, and what was dropped with its reason."""

    legs: tuple[Leg, ...]
    dropped: Mapping[str, str]

    def intents(self, deployment_id: str, sequence: int) -> list[Intent]:
        """Give each leg its id: a function of deployment, decision and leg alone (G2)."""
        return [
            Intent(
                client_order_id=client_order_id(deployment_id, sequence, leg.name),
                deployment_id=deployment_id,
                sequence=sequence,
                leg=leg.name,
                symbol=leg.symbol,
                side=side_of(leg.change),
                qty=abs(leg.change),
                purpose=leg.purpose,
                due_tick=leg.due_tick,
                is_slice=leg.is_slice,
            )
            for leg in self.legs
        ]


def netted(books: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    """Add up the targets that several sources want of one account."""
    total: dict[str, Decimal] = {}
    for book in books:
        for symbol, weight in book.items():
            total[symbol] = total.get(symbol, ZERO) + weight
    return total


def sized(weights: Mapping[str, Decimal], base: Decimal, sizes: Sizes) -> Sized:
    """Turn weights into legs; an instrument that is held and has no weight is closed."""
    legs: list[Leg] = []
    dropped: dict[str, str] = {}
    held = {symbol for symbol, item in sizes.exposures.items() if item.position}
    for symbol in sorted(held | {symbol for symbol, weight in weights.items() if weight}):
        quote, contract = sizes.quotes.get(symbol), sizes.contracts.get(symbol)
        if quote is None or contract is None:
            dropped[symbol] = "no_market"
            continue
        worth = weights.get(symbol, ZERO) * max(base, ZERO)
        target = toward_zero(worth / (quote.mark * contract.contract_multiplier), contract.qty_step)
        held_now = sizes.exposures.get(symbol, Exposure(symbol, ZERO, ZERO, ZERO, quote.mark))
        change = target - held_now.position - held_now.buying + held_now.selling
        more, lost = _legs(held_now.position, change, quote, contract, sizes)
        legs += more
        if lost or (not change and worth and not held_now.position):
            dropped[symbol] = lost or "rounded_to_zero"
    return Sized(_reductions_first(legs), dropped)


def flattened(sizes: Sizes) -> Sized:
    """Close everything that is held, in slices that obey the same limits (K7)."""
    closed = sized({}, ZERO, sizes)
    legs = tuple(
        Leg(leg.symbol, leg.change, Purpose.FLATTEN, leg.name, leg.due_tick, leg.is_slice)
        for leg in closed.legs
    )
    return Sized(legs, closed.dropped)


def _legs(
    position: Decimal, change: Decimal, quote: Quote, contract: Instrument, sizes: Sizes
) -> tuple[list[Leg], str]:
    """Cut one net change into legs; the text says what was dropped, if anything."""
    closing = min(abs(change), abs(position)) if position * change < 0 else ZERO
    opening = abs(change) - closing
    sign = 1 if change > 0 else -1
    legs: list[Leg] = []
    lost = ""
    for purpose, amount in ((Purpose.REDUCE, closing), (Purpose.INCREASE, opening)):
        if not amount:
            continue
        qty = floor_to(amount, contract.qty_step)
        if qty < contract.qty_min or (
            purpose is Purpose.INCREASE and qty * quote.mark < contract.notional_min
        ):
            lost = "below_minimum"
            continue
        slices, rest = _slices(qty, _slice_max(quote, contract, sizes.limits), contract)
        lost = "too_large" if rest else lost
        # Increases wait for the reductions of their instrument, or these could flip it.
        first = len(legs)
        for index, part in enumerate(slices):
            legs.append(
                Leg(
                    symbol=quote.symbol,
                    change=sign * part,
                    purpose=purpose,
                    name=f"{quote.symbol}/{purpose}/{index}",
                    due_tick=min(first + index, sizes.ticks_fresh - 1),
                    is_slice=len(slices) > 1,
                )
            )
    return legs, lost


def _slice_max(quote: Quote, contract: Instrument, limits: Limits) -> Decimal:
    """Return the largest order of an instrument, on its grid."""
    notional = limits.max_order_notional
    if quote.volume_day is not None:
        notional = min(notional, limits.max_volume_share * quote.volume_day)
    by_notional = SLICE_SHARE * notional / (quote.mark * contract.contract_multiplier)
    known = [by_notional, contract.qty_max]
    known += [limits.max_order_qty] if limits.max_order_qty is not None else []
    return floor_to(min(known), contract.qty_step)


def _slices(qty: Decimal, largest: Decimal, contract: Instrument) -> tuple[list[Decimal], Decimal]:
    """Cut a quantity into equal parts of the grid; the rest is what finds no room."""
    if largest < contract.qty_min:
        return [], qty
    total = min(qty, largest * SLICES_MAX)
    count = int(ceil_to(total / largest, ONE))
    part = ceil_to(total / count, contract.qty_step)
    slices = []
    left = total
    while left > 0:
        slices.append(min(part, left))
        left -= slices[-1]
    return slices, qty - total


def _reductions_first(legs: list[Leg]) -> tuple[Leg, ...]:
    return tuple(sorted(legs, key=lambda leg: leg.purpose is Purpose.INCREASE))
