"""Fields of other data sets: ``okx.close`` is the field ``close`` of the data set called ``okx``.

What an alias is called alters nothing. Formulas are brought to their canonical form, and named,
with the place of the data set in the statement instead of its alias: so a text in which an alias
was renamed has the same fingerprint, the same order of evaluation, and the same bytes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from .nodes import Field, Node
from .shape import inputs_of, with_inputs

if TYPE_CHECKING:
    from .strategy import Strategy

# The other data sets one strategy may read.
FEEDS_MAX = 8
Sources = Sequence[tuple[str, str]]


def split_field(name: str) -> tuple[str, str]:
    """Return the alias and the field's own name; of a field of the traded data set no alias."""
    alias, _, base = name.rpartition(".")
    return alias, base


def by_alias(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the fields of each data set by its alias, the traded one's under an empty alias."""
    found: dict[str, list[str]] = {}
    for name in names:
        alias, base = split_field(name)
        found.setdefault(alias, []).append(base)
    return found


def numbered(root: Node, sources: Sources) -> Node:
    """Return a formula with places for aliases: ``okx.close`` becomes ``1.close``."""
    return _renamed(root, {alias: str(at) for at, (alias, _) in enumerate(sources, 1)})


def named(root: Node, sources: Sources) -> Node:
    """Return a formula with aliases for places."""
    return _renamed(root, {str(at): alias for at, (alias, _) in enumerate(sources, 1)})


def read_of(sources: Sources, roots: Iterable[Node]) -> tuple[tuple[str, str], ...]:
    """Return the data sets that some formula reads, in their order."""
    if not sources:
        return ()
    seen: dict[int, Node] = {}
    stack = list(roots)
    while stack:
        node = stack.pop()
        if id(node) not in seen:
            seen[id(node)] = node
            stack.extend(inputs_of(node))
    read = {split_field(node.field)[0] for node in seen.values() if isinstance(node, Field)}
    return tuple((alias, name) for alias, name in sources if alias in read)


def anonymous(root: Node, sources: Sources) -> Node:
    """Return a formula with the places of the data sets among those that it reads."""
    return numbered(root, read_of(sources, (root,))) if sources else root


def anonymous_strategy(strategy: "Strategy") -> "Strategy":
    """Return a strategy with the places of the data sets among those that alter its results."""
    if not strategy.sources:
        return strategy
    bare = replace(strategy, factors=(), features=())
    read = read_of(strategy.sources, formulas_of(bare))
    return each_formula(bare, lambda node: numbered(node, read))


def formulas_of(strategy: "Strategy") -> tuple[Node, ...]:
    """Return all formulas of a strategy, the signal first."""
    universe, portfolio = strategy.universe, strategy.portfolio
    named = (node for _, node in (*strategy.factors, *strategy.features))
    others = (universe.where, universe.by, portfolio.groups, portfolio.neutral)
    return (strategy.signal, *named, *(node for node in others if node is not None))


def each_formula(strategy: "Strategy", change: Callable[[Node], Node]) -> "Strategy":
    """Return a strategy with every formula changed."""
    universe, portfolio = strategy.universe, strategy.portfolio
    return replace(
        strategy,
        signal=change(strategy.signal),
        factors=tuple((name, change(node)) for name, node in strategy.factors),
        features=tuple((name, change(node)) for name, node in strategy.features),
        universe=replace(
            universe,
            where=None if universe.where is None else change(universe.where),
            by=None if universe.by is None else change(universe.by),
        ),
        portfolio=replace(
            portfolio,
            groups=None if portfolio.groups is None else change(portfolio.groups),
            neutral=None if portfolio.neutral is None else change(portfolio.neutral),
        ),
    )


def _renamed(root: Node, aliases: Mapping[str, str]) -> Node:
    """Rename the data sets of all fields; not recursive, and what is shared stays shared."""
    if not aliases:
        return root
    done: dict[int, Node] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        inputs = inputs_of(node)
        waiting = [item for item in inputs if id(item) not in done]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        if id(node) not in done:
            done[id(node)] = _over(node, tuple([done[id(item)] for item in inputs]), aliases)
    return done[id(root)]


def _over(node: Node, inputs: tuple[Node, ...], aliases: Mapping[str, str]) -> Node:
    if isinstance(node, Field):
        alias, base = split_field(node.field)
        return Field(f"{aliases[alias]}.{base}") if alias else node
    old = inputs_of(node)
    is_same = all(a is b for a, b in zip(old, inputs, strict=True))
    return node if is_same else with_inputs(node, inputs)
