"""What a compile says about a strategy besides its name: reach, inputs, operators, groups (F12)."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .catalogue import Catalogue
from .feeds import formulas_of, split_field
from .nodes import Axis, Field, Node
from .rules import Kind
from .shape import inputs_of
from .strategy import UNIVERSE, Strategy


def deciding_roots(strategy: Strategy) -> tuple[Node, ...]:
    """Return the formulas that a back-test evaluates: those that its fingerprint names."""
    return formulas_of(replace(strategy, factors=(), features=()))


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


def node_count(root: Node, nodes: Iterable[Node] = ()) -> int:
    """Count the nodes of a formula, each occurrence once; ``nodes`` are all of it, if at hand."""
    sizes: dict[int, int] = {}
    for node in nodes or unique_nodes((root,)):
        size = 1
        for item in inputs_of(node):
            size += sizes[id(item)]
        sizes[id(node)] = size
    return sizes[id(root)]


def warmup_bars(strategy: Strategy) -> int:
    """Count the bars at the start that have no full answer, along the longest path.

    What looks across instruments sees the universe, so the universe's own warm-up comes before it.
    """
    universe = strategy.universe
    # The bar itself counts as history.
    before = max(0, universe.min_history_bars - 1)
    for node in (universe.where, universe.by):
        if node is not None:
            before = max(before, _reach(unique_nodes((node,)), before))
    others = {id(universe.where), id(universe.by)}
    roots = [node for node in formulas_of(strategy) if id(node) not in others]
    look_back = strategy.portfolio.look_back_bars
    if strategy.portfolio.beta_bars is not None and strategy.benchmark == UNIVERSE:
        # The mean return of the universe is of its members at the bar before.
        look_back = max(look_back, before + 1 + strategy.portfolio.beta_bars)
    return max(before, look_back, _reach(unique_nodes(roots), before))


def _reach(nodes: Iterable[Node], universe_bars: int) -> int:
    bars: dict[int, int] = {}
    longest = 0
    for node in nodes:
        reach = 0
        for item in inputs_of(node):
            reach = max(reach, bars[id(item)])
        if type(node).axis is Axis.CROSS:
            reach = max(reach, universe_bars)
        reach += node.warmup_bars()
        bars[id(node)] = reach
        longest = max(longest, reach)
    return longest


def has_unbounded_reach(nodes: Iterable[Node]) -> bool:
    """Tell whether an operator remembers all bars since the panel's first one."""
    return any(type(node).carries_state for node in nodes)


def field_names(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return the columns among nodes, in the order of their names."""
    return tuple(sorted({node.field for node in nodes if isinstance(node, Field)}))


def operator_names(nodes: Iterable[Node]) -> tuple[str, ...]:
    """Return the operators among nodes, in the order of their names."""
    return tuple(sorted({node.name for node in nodes if node.name}))


def group_names(nodes: Iterable[Node], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the columns that say who belongs together."""
    known = catalogue.fields
    infos = ((name, known.get(split_field(name)[1])) for name in field_names(nodes))
    return tuple(name for name, info in infos if info is not None and info.kind is Kind.GROUP)
