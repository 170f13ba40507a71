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
from .rewrites.quotients import quotients
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
    scale_free,
    deltas,
    lags,
    flatten,
    extreme_signs,
    fold,
    identity,
    signed_powers,
    means,
    quotients,
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
# Which rewrites concern an operator, found once.
_STEPS: dict[type[Node], tuple[Step, ...]] = {}


def _steps_of(cls: type[Node]) -> tuple[Step, ...]:
    steps = _STEPS.get(cls)
    if steps is None:
        found = [rewrite.step for rewrite in REWRITES if rewrite.concerns(cls)]
        # Fields and numbers are as they are.
        steps = _STEPS[cls] = tuple(found) if cls.name else ()
    return steps


class Canonicalizer:
    """Brings formulas of one text to canonical form; what they share is done once."""

    def __init__(self, operators: Mapping[str, type[Node]]) -> None:
        """Start with an empty table."""
        self._table = Table(operators)
        # What came in, kept alive so that no identity is used twice, and its node in the table.
        self._entered: dict[int, tuple[Node, Node]] = {}
        # The canonical form of a node of the table, by identity; the table keeps both alive.
        self._settled: dict[int, Node] = {}

    def settle(self, root: Node) -> Node:
        """Return the canonical form of a formula; that of a canonical form is itself."""
        start = self._enter(root)
        stack = [start]
        # What a node became on its way; it has the same canonical form.
        became: dict[int, Node] = {}
        for _ in range(STEPS_MAX):
            if not stack:
                return self._settled[id(start)]
            self._advance(stack, became)
        raise AssertionError("the rewrites do not come to rest")

    def _advance(self, stack: list[Node], became: dict[int, Node]) -> None:
        """Settle the top of the stack, or put above it what has to be settled first."""
        settled, node = self._settled, stack[-1]
        if id(node) in settled:
            stack.pop()
            return
        made = became.get(id(node))
        if made is None:
            inputs = inputs_of(node)
            over = tuple([settled.get(id(item)) for item in inputs])
            if not all(over):
                stack.extend(inputs)
                return
            made = self._stepped(node, inputs, over)  # type: ignore[arg-type]  # All are there.
            became[id(node)] = made
        if made is node or id(made) in settled:
            settled[id(stack.pop())] = settled.get(id(made), made)
        else:
            stack.append(made)

    def _stepped(self, node: Node, inputs: tuple[Node, ...], over: tuple[Node, ...]) -> Node:
        """Return the node over canonical inputs, or else what the first rewrite makes of it."""
        for item, settled in zip(inputs, over, strict=True):
            if item is not settled:
                return self._table.over(node, over)
        for step in _steps_of(type(node)):
            made = step(node, self._table)
            if made is not node:
                return made
        return node

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
            found = [entered.get(id(item)) for item in inputs]
            if not all(found):
                stack.extend(inputs)
                continue
            over = tuple([pair[1] for pair in found if pair is not None])
            entered[id(stack.pop())] = (node, self._table.over(node, over))
        return entered[id(root)][1]


def canonicalize(root: Node, operators: Mapping[str, type[Node]]) -> Node:
    """Return the canonical form of one formula."""
    return Canonicalizer(operators).settle(root)
