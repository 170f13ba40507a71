"""The canonical form: small rewrites, inputs first, over and over until nothing changes.

A node whose inputs are canonical is shown to the rewrites that concern its operator, in order.
The first that changes it starts over with what it made; one that none changes is canonical for
good. Equal nodes are one node, so each is settled once, however often it is used.
"""

from collections.abc import Mapping

from .nodes import Node
from .rewrites.choose import choose
from .rewrites.clamps import clamps
from .rewrites.common_factors import common_factors
from .rewrites.compare import compare
from .rewrites.delays import delays
from .rewrites.deltas import deltas
from .rewrites.extreme_signs import extreme_signs
from .rewrites.flatten import flatten
from .rewrites.fold import fold
from .rewrites.halves import halves
from .rewrites.idempotent import idempotent
from .rewrites.identity import identity
from .rewrites.lags import lags
from .rewrites.like_factors import like_factors
from .rewrites.like_terms import like_terms
from .rewrites.logic import logic
from .rewrites.means import means
from .rewrites.order import order
from .rewrites.powers import powers
from .rewrites.product_sign import product_sign
from .rewrites.scale_free import scale_free
from .rewrites.signed_powers import signed_powers
from .rewrites.signs import signs
from .rewrites.sum_sign import sum_sign
from .rewrites.windows import windows
from .rewriting import Rewrite, Step
from .shape import inputs_of
from .table import Table

# Signs and factors come out first, then sums and products are put in order, then things are named.
REWRITES: tuple[Rewrite, ...] = (
    sum_sign,
    product_sign,
    signs,
    powers,
    halves,
    scale_free,
    deltas,
    lags,
    flatten,
    extreme_signs,
    fold,
    identity,
    signed_powers,
    means,
    like_factors,
    like_terms,
    common_factors,
    compare,
    logic,
    choose,
    delays,
    windows,
    idempotent,
    clamps,
    order,
)
# A formula of n nodes takes a few steps a node; far more would mean that two rewrites disagree.
STEPS_MAX = 1_000_000


class Canonicalizer:
    """Brings formulas of one text to canonical form; what they share is done once."""

    def __init__(self, operators: Mapping[str, type[Node]]) -> None:
        """Start with an empty table."""
        self._table = Table(operators)
        # What came in, kept alive so that no identity is used twice, and its node in the table.
        self._entered: dict[int, tuple[Node, Node]] = {}
        # The canonical form of a node of the table, by identity; the table keeps both alive.
        self._settled: dict[int, Node] = {}
        self._steps: dict[type[Node], tuple[Step, ...]] = {}

    def settle(self, root: Node) -> Node:
        """Return the canonical form of a formula; that of a canonical form is itself."""
        settled = self._settled
        # What a node became on its way; it has the same canonical form.
        became: dict[int, Node] = {}
        start = self._enter(root)
        stack = [start]
        count = 0
        while stack:
            node = stack[-1]
            count += 1
            assert count < STEPS_MAX, "the rewrites do not come to rest"
            if id(node) in settled:
                stack.pop()
                continue
            made = became.get(id(node))
            if made is not None:
                if id(made) not in settled:
                    stack.append(made)
                    continue
                settled[id(node)] = settled[id(made)]
                stack.pop()
                continue
            inputs = inputs_of(node)
            waiting = [item for item in inputs if id(item) not in settled]
            if waiting:
                stack.extend(waiting)
                continue
            made = self._stepped(node, tuple([settled[id(item)] for item in inputs]))
            if made is node:
                settled[id(node)] = node
                stack.pop()
            else:
                became[id(node)] = made
        return settled[id(start)]

    def _stepped(self, node: Node, inputs: tuple[Node, ...]) -> Node:
        """Return the node over canonical inputs, or else what the first rewrite makes of it."""
        made = self._table.over(node, inputs)
        if made is not node or not inputs:
            return made
        for step in self._steps_of(type(node)):
            made = step(node, self._table)
            if made is not node:
                return made
        return node

    def _steps_of(self, cls: type[Node]) -> tuple[Step, ...]:
        steps = self._steps.get(cls)
        if steps is None:
            steps = tuple([rewrite.step for rewrite in REWRITES if rewrite.concerns(cls)])
            self._steps[cls] = steps
        return steps

    def _enter(self, root: Node) -> Node:
        """Put a formula into the table, inputs before consumers; not recursive."""
        entered = self._entered
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in entered:
                stack.pop()
                continue
            inputs = inputs_of(node)
            waiting = [item for item in inputs if id(item) not in entered]
            if waiting:
                stack.extend(waiting)
                continue
            over = tuple([entered[id(item)][1] for item in inputs])
            entered[id(stack.pop())] = (node, self._table.over(node, over))
        return entered[id(root)][1]


def canonicalize(root: Node, operators: Mapping[str, type[Node]]) -> Node:
    """Return the canonical form of one formula."""
    return Canonicalizer(operators).settle(root)
