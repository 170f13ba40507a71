"""``delay(a, 1) / delay(b, 1)`` is ``delay(a / b, 1)``: lags stand outside, numbers further out.

What is common to all inputs of an operator that works cell by cell comes out, and out of the
operators of time whose kernels give the same bits at every place (``lags_through``): running sums
do not, and what looks across instruments meets another universe at another bar. Numbers have no
time, so a sum or product keeps them outside: ``delay(x + 1, 2)`` is ``delay(x, 2) + 1``. There a
product of three and more factors rounds in another order.
"""

from ..nodes import Axis, Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of, parameters_of
from ..table import Table
from ..terms import ASSOCIATIVE, bars_of, lag_of, shifted


def _lets_lags_through(cls: type[Node]) -> bool:
    laws = cls.laws
    if laws.answers_missing or cls.name == "neg" or cls.carries_state:
        return False
    is_plain = cls.axis is Axis.ELEMENT and bool(cls.name)
    return cls.name == "delay" or laws.lags_through or is_plain


@rewrite(where=_lets_lags_through, rounds=True)
def lags(node: Node, table: Table) -> Node:
    """Take a common lag out of an operator, and numbers out of a lag."""
    if node.name == "delay":
        return _without_numbers(node, table)
    inputs = inputs_of(node)
    others = [item for item in inputs if not isinstance(item, Constant)]
    bars = min((lag_of(item) for item in others), default=0)
    if node.name == "if_else" and isinstance(inputs[0], Constant):
        # The branch that is taken may have no lag: ``1 > 0 ? 2 : delay(x, 1)`` is 2 at once.
        return node
    if bars == 0 or dict(parameters_of(node)).get("min_periods"):
        return node
    if node.name not in ASSOCIATIVE:
        over = [
            item if isinstance(item, Constant) else shifted(item, bars, table) for item in inputs
        ]
        return table.node("delay", table.over(node, tuple(over)), bars=bars)
    if len(others) == 1:
        return node
    moved = table.node(node.name, *(shifted(item, bars, table) for item in others))
    made = table.node("delay", moved, bars=bars)
    numbers = [item for item in inputs if isinstance(item, Constant)]
    return table.node(node.name, *numbers, made) if numbers else made


def _without_numbers(node: Node, table: Table) -> Node:
    inner = inputs_of(node)[0]
    if inner.name not in ASSOCIATIVE:
        return node
    numbers = [item for item in inputs_of(inner) if isinstance(item, Constant)]
    others = [item for item in inputs_of(inner) if not isinstance(item, Constant)]
    if not numbers or not others:
        return node
    moved = others[0] if len(others) == 1 else table.node(inner.name, *others)
    return table.node(inner.name, *numbers, table.node("delay", moved, bars=bars_of(node)))
