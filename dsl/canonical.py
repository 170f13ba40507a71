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


def canonicalize(root: Node, operators: Mapping[str, type[Node]]) -> Node:
    """Return the canonical form of a formula; that of a canonical form is itself."""
    table = Table(operators)
    node = _entered(root, table)
    for _ in range(PASSES_MAX):
        settled = _pass(node, table)
        if settled is node:
            return node
        node = settled
    raise AssertionError("the rewrites do not come to rest")


def _entered(root: Node, table: Table) -> Node:
    return _rebuilt(root, table, ())


def _pass(root: Node, table: Table) -> Node:
    return _rebuilt(root, table, REWRITES)


def _rebuilt(root: Node, table: Table, rewrites: tuple[Rewrite, ...]) -> Node:
    """Rewrite all nodes once, inputs before consumers; not recursive."""
    done: dict[int, Node] = {}
    stack = [(root, False)]
    while stack:
        node, is_ready = stack.pop()
        if id(node) in done:
            continue
        inputs = inputs_of(node)
        if not is_ready:
            stack.append((node, True))
            stack.extend((item, False) for item in inputs)
            continue
        made = table.over(node, tuple([done[id(item)] for item in inputs]))
        for rewrite in rewrites:
            made = rewrite(made, table)
        done[id(node)] = made
    return done[id(root)]
