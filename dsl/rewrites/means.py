"""``ts_sum(x, 24) / 24`` is ``ts_mean(x, 24)``: the kernels do the same in the same order.

Not where ``min_periods`` lets bars be missing: the mean is over those that are there. Among further
factors the mean stands last, so the product rounds in another order.
"""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table
from ..terms import bars_of


@rewrite("div", "mul", rounds=True)
def means(node: Node, table: Table) -> Node:
    """Give a sum over its count its name."""
    inputs = inputs_of(node)
    if node.name == "div":
        over, count = inputs
        is_mean = isinstance(count, Constant) and _is_sum_of(over, count.value)
        return _mean(over, table) if is_mean else node
    # Times a power of two is as exact as the division: ``0.125 * ts_sum(x, 8)``.
    number = next((item for item in inputs if isinstance(item, Constant)), None)
    if number is None or not 0 < number.value < 1:
        return node
    found = next((item for item in inputs if _is_sum_of(item, 1.0 / number.value)), None)
    if found is None or 1.0 / number.value * number.value != 1.0 or not _is_half(number.value):
        return node
    rest = [item for item in inputs if item is not number and item is not found]
    if len(rest) != len(inputs) - 2:
        return node
    mean = _mean(found, table)
    return table.node("mul", *rest, mean) if rest else mean


def _is_half(value: float) -> bool:
    bars = round(1.0 / value)
    return bars & (bars - 1) == 0


def _is_sum_of(node: Node, bars: float) -> bool:
    if node.name != "ts_sum" or bars_of(node) != bars:
        return False
    return node.min_periods == 0  # type: ignore[attr-defined,no-any-return]


def _mean(node: Node, table: Table) -> Node:
    return table.node("ts_mean", inputs_of(node)[0], bars=bars_of(node), min_periods=0)
