"""The canonical form: small rewrites, inputs first, over and over until nothing changes."""

from collections.abc import Callable, Mapping

from .nodes import Node
from .rewrites.choose import choose
from .rewrites.compare import compare
from .rewrites.delays import delays
from .rewrites.even import even
from .rewrites.flatten import flatten
from .rewrites.fold import fold
from .rewrites.halves import halves
from .rewrites.idempotent import idempotent
from .rewrites.identity import identity
from .rewrites.logic import logic
from .rewrites.order import order
from .rewrites.product_sign import product_sign
from .rewrites.sum_sign import sum_sign
from .shape import inputs_of
from .table import Table

Rewrite = Callable[[Node, Table], Node]

# In order: each sees a node whose inputs are canonical, and what the ones before it made of it.
REWRITES: tuple[Rewrite, ...] = (
    sum_sign,
    product_sign,
    even,
    halves,
    flatten,
    fold,
    identity,
    compare,
    logic,
    choose,
    delays,
    idempotent,
    order,
)
# Each pass settles at least one level; more than a few are never needed.
PASSES_MAX = 300


class Canonicalizer:
    """Brings formulas of one text to canonical form; what they share is done once."""

    def __init__(self, operators: Mapping[str, type[Node]]) -> None:
        """Start with an empty table."""
        self._table = Table(operators)
        self._entered: dict[int, Node] = {}
        # The nodes that no rewrite changes, by identity; the table keeps them alive.
        self._settled: set[int] = set()

    def settle(self, root: Node) -> Node:
        """Return the canonical form of a formula; that of a canonical form is itself."""
        node = self._rebuilt(root, (), self._entered)
        for _ in range(PASSES_MAX):
            if id(node) in self._settled:
                return node
            node = self._rebuilt(node, REWRITES, {})
        raise AssertionError("the rewrites do not come to rest")

    def _rebuilt(self, root: Node, rewrites: tuple[Rewrite, ...], done: dict[int, Node]) -> Node:
        """Rewrite all nodes once, inputs before consumers; not recursive."""
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in done:
                stack.pop()
            elif id(node) in self._settled:
                done[id(stack.pop())] = node
            else:
                inputs = inputs_of(node)
                waiting = [item for item in inputs if id(item) not in done]
                if waiting:
                    stack.extend(waiting)
                    continue
                new = tuple([done[id(item)] for item in inputs])
                done[id(stack.pop())] = self._rewritten(node, new, rewrites)
        return done[id(root)]

    def _rewritten(
        self, node: Node, inputs: tuple[Node, ...], rewrites: tuple[Rewrite, ...]
    ) -> Node:
        kept = made = self._table.over(node, inputs)
        if inputs:
            # A field or a number is as it is.
            for rewrite in rewrites:
                made = rewrite(made, self._table)
        if rewrites and made is kept and all(id(item) in self._settled for item in inputs):
            self._settled.add(id(made))
        return made


def canonicalize(root: Node, operators: Mapping[str, type[Node]]) -> Node:
    """Return the canonical form of one formula."""
    return Canonicalizer(operators).settle(root)
