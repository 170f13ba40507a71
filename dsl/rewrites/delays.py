"""``delay(delay(x, 2), 3)`` is ``delay(x, 5)``."""

from ..nodes import BARS_MAX, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table
from ..terms import bars_of


@rewrite("delay")
def delays(node: Node, table: Table) -> Node:
    """Add up lags of lags."""
    inner = inputs_of(node)[0]
    if inner.name != "delay":
        return node
    bars = bars_of(node) + bars_of(inner)
    # Past the ceiling the text of the canonical form could not be read again.
    return node if bars > BARS_MAX else table.node("delay", inputs_of(inner)[0], bars=bars)
