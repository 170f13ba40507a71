"""``delay(delay(x, 2), 3)`` is ``delay(x, 5)``."""

from ..nodes import BARS_MAX, Node
from ..shape import inputs_of, parameters_of
from ..table import Table


def delays(node: Node, table: Table) -> Node:
    """Add up lags of lags."""
    if node.name != "delay" or inputs_of(node)[0].name != "delay":
        return node
    inner = inputs_of(node)[0]
    outer_bars, inner_bars = (dict(parameters_of(item))["bars"] for item in (node, inner))
    assert isinstance(outer_bars, int)
    assert isinstance(inner_bars, int)
    # Past the ceiling the text of the canonical form could not be read again.
    if outer_bars + inner_bars > BARS_MAX:
        return node
    return table.node("delay", inputs_of(inner)[0], bars=outer_bars + inner_bars)
