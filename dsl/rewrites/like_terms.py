"""``x + x`` is ``2 * x``, ``2 * x + 3 * x`` is ``5 * x``, ``3 * x + 3 * y`` is ``3 * (x + y)``.

Multiples round in another order than sums of their parts. What cancels stays: ``x - x`` is 0 where
``x`` is there and missing where it is not, and a number is never missing.
"""

import math
from fractions import Fraction

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table, negated
from ..terms import Term, joined, term_of


@rewrite("add", rounds=True)
def like_terms(node: Node, table: Table) -> Node:
    """Add up the multiples of one thing, and take out a number that all terms have."""
    inputs = inputs_of(node)
    opened = _opened(inputs, table)
    if opened is not None:
        return table.node("add", *opened)
    if not _may_have_work(inputs):
        return node
    terms = [term_of(item, table) for item in inputs if not isinstance(item, Constant)]
    numbers: list[Node] = [item for item in inputs if isinstance(item, Constant)]
    cores = {id(term.core) for term in terms}
    if len(cores) < len(terms):
        return _collected(node, terms, numbers, table)
    sizes = {term.size for term in terms}
    if numbers or len(terms) == 1 or len(sizes) > 1 or sizes == {1.0}:
        return node
    total = table.node("add", *(joined(term.sign, 1.0, term.core, table) for term in terms))
    return table.node("mul", table.constant(terms[0].size), total)


def _may_have_work(inputs: tuple[Node, ...]) -> bool:
    """Tell in one look whether two terms may be alike or all be multiples."""
    bodies = [_body(item) for item in inputs]
    products = [body for body in bodies if body.name == "mul"]
    if len(products) == len(bodies):
        return True
    plain = {id(body) for body in bodies}
    return len(plain) < len(bodies) or any(
        isinstance(inputs_of(product)[0], Constant) for product in products
    )


def _body(node: Node) -> Node:
    inner = negated(node)
    return node if inner is None else inner


def _opened(inputs: tuple[Node, ...], table: Table) -> list[Node] | None:
    """Write ``2 * (x + y) + z`` as ``2 * x + 2 * y + z``: terms are alike across brackets."""
    if not any(_is_multiple_of_sum(_body(item)) for item in inputs):
        return None
    found: list[Node] = []
    for item in inputs:
        body = _body(item)
        if not _is_multiple_of_sum(body):
            found.append(item)
            continue
        size, total = inputs_of(body)
        parts = [table.node("mul", size, part) for part in inputs_of(total)]
        found += parts if body is item else [table.node("neg", part) for part in parts]
    return found


def _is_multiple_of_sum(node: Node) -> bool:
    if node.name != "mul" or len(inputs_of(node)) != 2:  # noqa: PLR2004  # A number and a sum.
        return False
    size, total = inputs_of(node)
    return isinstance(size, Constant) and size.value != 0 and total.name == "add"


def _collected(node: Node, terms: list[Term], numbers: list[Node], table: Table) -> Node:
    sums: dict[int, tuple[Node, Fraction]] = {}
    for term in terms:
        core, size = sums.get(id(term.core), (term.core, Fraction(0)))
        sums[id(core)] = (core, size + term.sign * Fraction(term.size))
    found: list[Node] = []
    for core, size in sums.values():
        try:
            rounded = float(size)
        except OverflowError:
            return node
        if rounded == 0.0 and size != 0:
            return node
        if rounded == 0.0:
            found += [core, table.node("neg", core)]
        else:
            found.append(joined(-1 if rounded < 0 else 1, math.fabs(rounded), core, table))
    made = [*found, *numbers]
    return made[0] if len(made) == 1 else table.node("add", *made) if _differs(made, node) else node


def _differs(made: list[Node], node: Node) -> bool:
    return sorted(map(id, made)) != sorted(map(id, inputs_of(node)))
