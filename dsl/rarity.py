"""How telling a word of a formula is: rare operators and fields say more than common ones.

The counts are how many of the 101 formulas of Kakushadze (2016) use a word, a fixed sample of what
people write; what is not among them counts as rare. They are a recipe, not a measurement of any
store: a vector must not change because somebody tried something else.
"""

import math

FORMULAS = 101
UNSEEN = 3
# What everybody uses still says something.
FLOOR = 0.5
_USES = {
    "mul": 85,
    "rank": 77,
    "add": 67,
    "neg": 67,
    "ts_corr": 58,
    "div": 44,
    "ts_rank": 38,
    "delta": 35,
    "ts_sum": 30,
    "ts_mean": 30,
    "lt": 24,
    "decay_linear": 22,
    "neutralize": 18,
    "delay": 17,
    "ts_min": 12,
    "pow": 12,
    "if_else": 11,
    "ts_max": 9,
    "ts_std": 6,
    "sign": 6,
    "scale": 6,
    "abs": 5,
    "max": 5,
    "min": 5,
    "field:close": 62,
    "field:quote_volume": 45,
    "field:vwap": 43,
    "field:volume": 42,
    "field:high": 34,
    "field:low": 33,
    "field:open": 29,
    "returns": 12,
    "constant": 85,
}


def rarity(label: str) -> float:
    """Return the weight of a label: 1 for one that no formula of the sample has, less for others.

    Example: 0.54 for ``rank``, 1.0 for ``ts_skew``.
    """
    uses = _USES.get(label, UNSEEN)
    told = math.log((FORMULAS + 1) / (uses + 1)) / math.log((FORMULAS + 1) / (UNSEEN + 1))
    return FLOOR + (1.0 - FLOOR) * told
