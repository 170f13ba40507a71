"""``a * x + a * y`` is ``a * (x + y)``: another order of rounding.

The factor that most terms share comes out first, of equals the first in order.
"""

from collections import Counter

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table, negated
from ..terms import opposite


@rewrite("add", rounds=True)
def common_factors(node: Node, table: Table) -> Node:
    """Take a factor that several terms share out of them."""
    terms = inputs_of(node)
    products = [term for term in terms if _body(term).name == "mul"]
    if not products:
        return node
    counts: Counter[int] = Counter()
    known: dict[int, Node] = {}
    for term in terms:
        for factor in {id(factor): factor for factor in _factors(term)}.values():
            counts[id(factor)] += 1
            known[id(factor)] = factor
    if not counts or max(counts.values()) < 2:  # noqa: PLR2004  # Shared by two at least.
        return node
    most = max(counts.values())
    shared = min((known[at] for at in counts if counts[at] == most), key=table.key)
    inside = [_without(term, shared, table) for term in terms if _has(term, shared)]
    outside = [term for term in terms if not _has(term, shared)]
    made = table.node("mul", shared, table.node("add", *inside))
    return table.node("add", made, *outside) if outside else made


def _body(term: Node) -> Node:
    inner = negated(term)
    return term if inner is None else inner


def _factors(term: Node) -> tuple[Node, ...]:
    body = _body(term)
    found = inputs_of(body) if body.name == "mul" else (body,)
    return tuple([factor for factor in found if not isinstance(factor, Constant)])


def _has(term: Node, factor: Node) -> bool:
    return any(item is factor for item in _factors(term))


def _without(term: Node, factor: Node, table: Table) -> Node:
    body = _body(term)
    if body is factor:
        rest: Node = table.constant(1.0)
    else:
        others = list(inputs_of(body))
        others.remove(factor)
        rest = others[0] if len(others) == 1 else table.node("mul", *others)
    return rest if body is term else opposite(rest, table)
