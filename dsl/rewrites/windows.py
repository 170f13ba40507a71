"""``ts_mean(x, 1)`` is ``x``, and ``min_periods`` of the whole window is the default, all of it."""

from ..nodes import Node
from ..rewriting import rewrite
from ..shape import inputs_of, parameters_of, shape_of
from ..table import Table
from ..terms import bars_of


def _has_a_window(cls: type[Node]) -> bool:
    return cls.laws.plain_at_one_bar or (
        bool(cls.name) and {"bars", "min_periods"} <= set(shape_of(cls).parameters)
    )


@rewrite(where=_has_a_window)
def windows(node: Node, table: Table) -> Node:
    """Drop a window of one bar, and a ``min_periods`` that asks for all bars."""
    if type(node).laws.plain_at_one_bar and bars_of(node) == 1:
        return inputs_of(node)[0]
    parameters = dict(parameters_of(node))
    if parameters.get("min_periods") != parameters["bars"]:
        return node
    return table.node(node.name, *inputs_of(node), **{**parameters, "min_periods": 0})
