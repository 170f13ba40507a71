"""``x - delay(x, 3)`` is ``delta(x, 3)``, and ``delta(x, 3) / delay(x, 3)`` is ``returns(x, 3)``.

``x / delay(x, 3) - 1`` is not: it rounds before it subtracts, ``returns`` after.
"""

from dataclasses import dataclass

from ..nodes import Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table, negated
from ..terms import bars_of, joined, term_of, unsigned


@rewrite("add", "div", rounds=True)
def deltas(node: Node, table: Table) -> Node:
    """Give differences in time and their ratios their names; a longer sum rounds otherwise."""
    return _returns(node, table) if node.name == "div" else _paired(node, table)


def _returns(node: Node, table: Table) -> Node:
    over, under = inputs_of(node)
    if over.name != "delta" or under.name != "delay" or bars_of(over) != bars_of(under):
        return node
    inner = inputs_of(over)[0]
    is_same = inner is inputs_of(under)[0] and "returns" in table.operators
    return table.node("returns", inner, bars=bars_of(over)) if is_same else node


def _paired(node: Node, table: Table) -> Node:
    terms = list(inputs_of(node))
    if not any(_is_lagged(term) for term in terms):
        return node
    whole = _whole(terms, table)
    if whole is not None:
        return whole
    waiting: dict[tuple[int, float], list[_Part]] = {}
    made: list[Node] = []
    paired: set[int] = set()
    for at, term in enumerate(terms):
        part = _part(at, term, table)
        alike = waiting.setdefault((id(part.core), part.size), [])
        other = next((o for o in alike if o.sign != part.sign and o.bars != part.bars), None)
        if other is None:
            alike.append(part)
            continue
        alike.remove(other)
        made.append(_difference(part, other, table))
        paired |= {at, other.at}
    if not made:
        return node
    rest = [term for place, term in enumerate(terms) if place not in paired]
    total = [*rest, *made]
    return total[0] if len(total) == 1 else table.node("add", *total)


def _whole(terms: list[Node], table: Table) -> Node | None:
    """Find ``a + b - delay(a + b, 2)``, in which a sum stands open on one side."""
    for older in terms:
        part = _part(0, older, table)
        if not part.bars or part.core.name != "add":
            continue
        newer = [joined(-part.sign, part.size, term, table) for term in inputs_of(part.core)]
        rest = [term for term in terms if term is not older]
        if len(rest) < len(newer) or any(all(term is not one for one in rest) for term in newer):
            continue
        left = [term for term in rest if all(term is not one for one in newer)]
        if len(left) != len(rest) - len(newer):
            continue
        made = table.node("delta", part.core, bars=part.bars)
        made = joined(-part.sign, part.size, made, table)
        return table.node("add", *left, made) if left else made
    return None


@dataclass(frozen=True, slots=True)
class _Part:
    at: int
    sign: int
    size: float
    bars: int
    core: Node


def _is_lagged(term: Node) -> bool:
    inner = negated(term)
    body = term if inner is None else inner
    return body.name == "delay" or (body.name == "mul" and inputs_of(body)[-1].name == "delay")


def _part(at: int, node: Node, table: Table) -> _Part:
    term = term_of(node, table)
    bars = bars_of(term.core) if term.core.name == "delay" else 0
    core, sign = unsigned(inputs_of(term.core)[0] if bars else term.core, table)
    return _Part(at, term.sign * sign, term.size, bars, core)


def _difference(one: _Part, other: _Part, table: Table) -> Node:
    newer, older = (one, other) if one.bars < other.bars else (other, one)
    made = table.node("delta", newer.core, bars=older.bars - newer.bars)
    if newer.bars:
        made = table.node("delay", made, bars=newer.bars)
    return joined(newer.sign, newer.size, made, table)
