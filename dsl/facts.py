"""What a compile says about a strategy besides its name: reach, inputs, operators, groups (F12)."""

from collections.abc import Iterable, Iterator

from .catalogue import Catalogue
from .nodes import Axis, Field, Node
from .rules import Kind
from .shape import inputs_of
from .strategy import Strategy


def roots_of(strategy: Strategy) -> tuple[Node, ...]:
    """Return the formulas a strategy needs evaluated: signal, factors, ranking of the universe."""
    by = strategy.universe.by
    factors = tuple(node for _, node in strategy.factors)
    return (strategy.signal, *factors, *(() if by is None else (by,)))


def unique_nodes(roots: Iterable[Node]) -> Iterator[Node]:
    """Visit each node object once, inputs before consumers; not recursive."""
    seen: set[int] = set()
    for root in roots:
        stack = [(root, False)]
        while stack:
            node, is_ready = stack.pop()
            if is_ready:
                yield node
            elif id(node) not in seen:
                seen.add(id(node))
                stack.append((node, True))
                stack.extend((item, False) for item in inputs_of(node))


def node_count(root: Node) -> int:
    """Count the nodes of a formula, each occurrence once."""
    sizes: dict[int, int] = {}
    for node in unique_nodes((root,)):
        sizes[id(node)] = 1 + sum(sizes[id(item)] for item in inputs_of(node))
    return sizes[id(root)]


def warmup_bars(strategy: Strategy) -> int:
    """Count the bars at the start that have no full answer, along the longest path.

    What looks across instruments sees the universe, so the universe's own warm-up comes before it.
    """
    universe = strategy.universe
    # The bar itself counts as history.
    history = max(0, universe.min_history_bars - 1)
    ranked = _reach((universe.by,), history) if universe.by is not None else 0
    before = max(ranked, history)
    return max(before, _reach((strategy.signal, *(node for _, node in strategy.factors)), before))


def _reach(roots: Iterable[Node], universe_bars: int) -> int:
    bars: dict[int, int] = {}
    for node in unique_nodes(roots):
        before = max((bars[id(item)] for item in inputs_of(node)), default=0)
        if type(node).axis is Axis.CROSS:
            before = max(before, universe_bars)
        bars[id(node)] = before + node.warmup_bars()
    return max(bars.values(), default=0)


def field_names(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return the columns among nodes, in the order of their names."""
    return tuple(sorted({node.field for node in nodes if isinstance(node, Field)}))


def operator_names(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return the operators among nodes, in the order of their names."""
    return tuple(sorted({node.name for node in nodes if node.name}))


def group_names(nodes: Iterable[Node], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the columns that say who belongs together."""
    known = catalogue.fields
    return tuple(
        name for name in field_names(nodes) if name in known and known[name].kind is Kind.GROUP
    )
