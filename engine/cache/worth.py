"""Which steps are worth keeping: those that cost well more to compute again than to read back.

A step's price is its own work and that of the steps below it, down to those that are kept
themselves, which cost a reading. So a chain of cheap steps is kept where it has added up, and
nothing is kept twice over. Costs are those of ``dsl.cost``.
"""

from ...dsl.cost import cost_of
from ...dsl.nodes import Constant, Field, Node

# Of a cell that is read from a file: its bytes come in, are hashed, and are written to memory.
READ_UNITS = 5.0
WORTH_UNITS = 4 * READ_UNITS


class Worth:
    """Prices of formulas on a panel of so many instruments."""

    def __init__(self, columns: int) -> None:
        """Take the count of instruments, which a sort across them hangs on."""
        self._columns = columns
        # By identity; the node is kept so that no identity is used twice.
        self._known: dict[int, tuple[Node, float, bool]] = {}

    def is_worth(self, root: Node) -> bool:
        """Tell whether a formula's values are worth keeping; not recursive."""
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in self._known:
                stack.pop()
                continue
            missing = [item for item in node.children() if id(item) not in self._known]
            if missing:
                stack.extend(missing)
                continue
            self._known[id(stack.pop())] = (node, *self._priced(node))
        return self._known[id(root)][2]

    def _priced(self, node: Node) -> tuple[float, bool]:
        """Return what a consumer pays for a node, and whether it is kept."""
        own = cost_of((node,), (node,)).units_for(self._columns)
        price = own + sum(self._known[id(item)][1] for item in node.children())
        is_kept = price >= WORTH_UNITS and not isinstance(node, (Field, Constant))
        return (READ_UNITS if is_kept else price), is_kept
