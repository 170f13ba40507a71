"""Targets that a bounded turnover lets a book reach from what it holds and has working."""

from collections.abc import Mapping
from decimal import Decimal

from ..engine.turnover import step_share
from .sizing import Sizes
from .steps import ZERO


def stepped(
    weights: Mapping[str, Decimal], base: Decimal, sizes: Sizes, turnover_max: Decimal | None
) -> Mapping[str, Decimal]:
    """Return weights that trade no more than a share of the base, buys plus sells.

    A name without a market is left as it is: sizing drops it with its reason.
    """
    if turnover_max is None or base <= 0:
        return weights
    now: dict[str, Decimal] = {}
    for symbol in sorted({*weights, *sizes.exposures}):
        quote, contract = sizes.quotes.get(symbol), sizes.contracts.get(symbol)
        if quote is not None and contract is not None:
            held = sizes.exposures.get(symbol)
            units = ZERO if held is None else held.position + held.buying - held.selling
            now[symbol] = units * quote.mark * contract.contract_multiplier / base
    asked = sum((abs(weights.get(name, ZERO) - held) for name, held in now.items()), ZERO)
    share = step_share(asked, turnover_max)
    if share == 1:
        return weights
    moved = {name: held + (weights.get(name, ZERO) - held) * share for name, held in now.items()}
    return {**weights, **moved}
