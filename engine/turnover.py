"""How far a rebalance moves towards its targets when its turnover is bounded.

Turnover is the share of equity that a rebalance would trade: buys plus sells, from what is held at
that moment, drift included. Above the bound each trade is cut in the same proportion, so the book
stands on the line from what it held to what it aims at. Simulation and trading both ask here.
"""

from decimal import Decimal
from typing import TypeVar

Number = TypeVar("Number", float, Decimal)


def step_share(asked: Number, limit: Number) -> Number:
    """Return the share of each trade that is done, from 0 to 1."""
    return limit / asked if asked > limit else type(asked)(1)
