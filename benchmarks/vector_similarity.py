"""Do near formulas have near vectors: structure against MiniLM's reading of the text, in one run.

A labelled set is made by controlled edits of seeded formulas: a window or a number changed, an
operator or a field swapped, a sub-tree replaced, the sign flipped, several of these in a row; and
pairs that have nothing to do with each other. The distance of two formulas is that of their trees
(Zhang and Shasha 1989), where another window is a third of another operator. Prints, for each kind
of vector:

- Spearman's correlation of that distance with 1 - cosine, of edited formulas and of all pairs;
- how often an edit of the same formula is nearer than an unrelated one (AUC);
- how often a formula turned upside down has a negative cosine;
- the mean cosine after each kind of edit.

MiniLM is shown when the extra ``embeddings`` is installed.
"""

import random  # noqa: TID251  # Seeded: every run has the same formulas.
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from alphaforge.core.errors import MissingExtraError
from alphaforge.dsl.branches import branches
from alphaforge.dsl.canonical import canonicalize
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.nodes import Constant, Field, Node
from alphaforge.dsl.printer import expression_text
from alphaforge.dsl.shape import inputs_of, parameters_of, shape_of, with_inputs
from alphaforge.dsl.vector import cosine, structure_vector
from alphaforge.memory.minilm import MiniLmEmbedder

BASES = 240
SEED = 20
OPERATORS = Catalogue.builtin().operators
FIELDS = ("close", "open", "high", "low", "volume", "vwap", "quote_volume", "funding_rate")
WINDOWS = (3, 5, 8, 12, 24, 48, 72, 120, 168, 240, 360, 720)
NUMBERS = (0.1, 0.25, 0.3, 0.5, 1.5, 3.0, 5.0, 10.0)
OUTER = ("rank", "zscore", "scale", "normalize")
ROLLING = ("ts_mean", "ts_std", "ts_rank", "ts_max", "ts_min", "delta", "decay_linear", "ts_zscore")
PAIRED = ("ts_corr", "ts_cov")
PLAIN = ("log", "abs", "sign", "sqrt")
BINARY = ("div", "mul", "add")
ALIKE = (OUTER, ROLLING, PAIRED, PLAIN, BINARY)
PARAMETER_COST = 1 / 3

Vector = Sequence[float]


@dataclass(frozen=True)
class Pair:
    """Two formulas: which edit lies between them, and the distance of their trees."""

    kind: str
    one: Node
    other: Node
    distance: float


# Formulas


def node(name: str, *inputs: Node, **parameters: object) -> Node:
    """Make a node by its operator's name."""
    shape = shape_of(OPERATORS[name])
    if shape.variadic:
        return OPERATORS[name](**{shape.variadic: inputs}, **parameters)
    return OPERATORS[name](**dict(zip(shape.inputs, inputs, strict=True)), **parameters)


def grown(chance: random.Random) -> Node:
    """Grow a signal as people write them: one or two ranked parts."""
    part = node(chance.choice(OUTER), core(chance, 2))
    if chance.random() < 0.4:  # Two parts in five are blends.
        number = Constant(chance.choice(NUMBERS))
        part = node("add", part, node("mul", number, node(chance.choice(OUTER), core(chance, 1))))
    return part


def core(chance: random.Random, depth: int) -> Node:
    """Grow a formula of each instrument by itself."""
    if depth == 0:
        return Field(chance.choice(FIELDS))
    drawn = chance.random()
    bars = chance.choice(WINDOWS)
    inner = core(chance, depth - 1)
    if drawn < 0.45:  # Shares of each form.
        return node(chance.choice(ROLLING), inner, bars=bars)
    if drawn < 0.6:
        return node(chance.choice(PAIRED), inner, core(chance, depth - 1), bars=bars)
    if drawn < 0.7:
        return node(chance.choice(PLAIN), inner)
    return node(chance.choice(BINARY), inner, core(chance, depth - 1))


# Edits


def places(root: Node) -> list[tuple[int, ...]]:
    """Return the way to each node from the root."""
    found: list[tuple[int, ...]] = [()]
    for at, item in enumerate(inputs_of(root)):
        found += [(at, *rest) for rest in places(item)]
    return found


def at_place(root: Node, place: tuple[int, ...]) -> Node:
    """Return the node at the end of a way."""
    for step in place:
        root = inputs_of(root)[step]
    return root


def put(root: Node, place: tuple[int, ...], new: Node) -> Node:
    """Return a formula with another node at a place."""
    if not place:
        return new
    inputs = list(inputs_of(root))
    inputs[place[0]] = put(inputs[place[0]], place[1:], new)
    return with_inputs(root, tuple(inputs))


def changed_somewhere(
    root: Node, chance: random.Random, change: Callable[[Node], Node | None]
) -> Node | None:
    """Change one node of those that a change applies to."""
    ways = places(root)
    chance.shuffle(ways)
    for way in ways:
        new = change(at_place(root, way))
        if new is not None:
            return put(root, way, new)
    return None


def window_changed(root: Node, chance: random.Random) -> Node | None:
    """Take another window."""

    def change(of: Node) -> Node | None:
        bars = dict(parameters_of(of)).get("bars")
        if bars is None:
            return None
        return replace(of, bars=chance.choice([w for w in WINDOWS if w != bars]))  # type: ignore[type-var]

    return changed_somewhere(root, chance, change)


def number_changed(root: Node, chance: random.Random) -> Node | None:
    """Take another number."""

    def change(of: Node) -> Node | None:
        if not isinstance(of, Constant):
            return None
        return Constant(chance.choice([number for number in NUMBERS if number != of.value]))

    return changed_somewhere(root, chance, change)


def field_swapped(root: Node, chance: random.Random) -> Node | None:
    """Read another field."""

    def change(of: Node) -> Node | None:
        if not isinstance(of, Field):
            return None
        return Field(chance.choice([field for field in FIELDS if field != of.field]))

    return changed_somewhere(root, chance, change)


def operator_swapped(root: Node, chance: random.Random) -> Node | None:
    """Take another operator of the same form."""

    def change(of: Node) -> Node | None:
        alike = next((names for names in ALIKE if of.name in names), None)
        if alike is None or len(inputs_of(of)) > 2:  # A quotient has two.
            return None
        other = chance.choice([name for name in alike if name != of.name])
        bars = {name: value for name, value in parameters_of(of) if name == "bars"}
        return node(other, *inputs_of(of), **bars)

    return changed_somewhere(root, chance, change)


def subtree_replaced(root: Node, chance: random.Random) -> Node | None:
    """Put a new part in the place of an old one, below the outermost operators."""
    ways = [way for way in places(root) if len(way) > 1]
    return put(root, chance.choice(ways), core(chance, 1)) if ways else None


EDITS = {
    "window": window_changed,
    "number": number_changed,
    "field": field_swapped,
    "operator": operator_swapped,
    "sub-tree": subtree_replaced,
}


# Distance


def distance(one: Node, other: Node) -> float:
    """Return the cheapest way from one ordered tree to another, node by node."""
    left, right = _listed(one), _listed(other)
    trees = [[0.0] * len(right[0]) for _ in left[0]]
    for i in _key_roots(left[1]):
        for j in _key_roots(right[1]):
            _forest(left, right, i, j, trees)
    return trees[-1][-1]


Listed = tuple[list[Node], list[int]]


def _listed(root: Node) -> Listed:
    """Return nodes in post-order, and each one's leftmost leaf."""
    nodes: list[Node] = []
    leaves: list[int] = []

    def visit(of: Node) -> int:
        firsts = [visit(item) for item in inputs_of(of)]
        nodes.append(of)
        leaves.append(firsts[0] if firsts else len(nodes) - 1)
        return leaves[-1]

    visit(root)
    return nodes, leaves


def _key_roots(leaves: list[int]) -> list[int]:
    return sorted({leaf: at for at, leaf in enumerate(leaves)}.values())


def _forest(left: Listed, right: Listed, i: int, j: int, trees: list[list[float]]) -> None:
    (nodes, leaves), (others, other_leaves) = left, right
    low, other_low = leaves[i], other_leaves[j]
    costs = {(low - 1, other_low - 1): 0.0}
    for x in range(low, i + 1):
        costs[x, other_low - 1] = costs[x - 1, other_low - 1] + 1
    for y in range(other_low, j + 1):
        costs[low - 1, y] = costs[low - 1, y - 1] + 1
    for x in range(low, i + 1):
        for y in range(other_low, j + 1):
            is_tree = leaves[x] == low and other_leaves[y] == other_low
            kept = (
                costs[x - 1, y - 1] + _relabel(nodes[x], others[y])
                if is_tree
                else costs[leaves[x] - 1, other_leaves[y] - 1] + trees[x][y]
            )
            costs[x, y] = min(costs[x - 1, y] + 1, costs[x, y - 1] + 1, kept)
            if is_tree:
                trees[x][y] = costs[x, y]


def _relabel(one: Node, other: Node) -> float:
    if type(one) is not type(other) or (isinstance(one, Field) and one != other):
        return 1.0
    return 0.0 if parameters_of(one) == parameters_of(other) else PARAMETER_COST


# The set


def labelled() -> list[Pair]:
    """Make the pairs; the same in every run."""
    chance = random.Random(SEED)  # Formulas, no secrets.
    bases = [settled(grown(chance)) for _ in range(BASES)]
    pairs: list[Pair] = []
    for at, base in enumerate(bases):
        pairs += edited(base, chance)
        flipped = settled(node("neg", base))
        pairs.append(Pair("sign flipped", base, flipped, 1.0))
        for step in (1, 7, 31):
            other = bases[(at + step) % BASES]
            pairs.append(Pair("unrelated", base, other, distance(base, other)))
    return [pair for pair in pairs if pair.one != pair.other]


def edited(base: Node, chance: random.Random) -> Iterator[Pair]:
    """Edit a formula in each way, and in several ways in a row."""
    for kind, edit in EDITS.items():
        made = edit(base, chance)
        if made is not None:
            made = settled(made)
            yield Pair(kind, base, made, distance(base, made))
    for count in (2, 3, 4):
        made = base
        for _ in range(count):
            made = chance.choice(list(EDITS.values()))(made, chance) or made
        made = settled(made)
        yield Pair(f"{count} edits", base, made, distance(base, made))


def settled(root: Node) -> Node:
    """Return the canonical form."""
    return canonicalize(root, OPERATORS)


# Figures


def ranks(values: Sequence[float]) -> list[float]:
    """Return average ranks."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found = [0.0] * len(values)
    start = 0
    for at in range(1, len(order) + 1):
        if at == len(order) or values[order[at]] != values[order[start]]:
            for place in order[start:at]:
                found[place] = (start + at - 1) / 2
            start = at
    return found


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the correlation of ranks."""
    return statistics.correlation(ranks(one), ranks(other))


def auc(near: Sequence[float], far: Sequence[float]) -> float:
    """Return how often one of the near is above one of the far; equals count half."""
    places = ranks([*near, *far])
    return (sum(places[: len(near)]) - len(near) * (len(near) - 1) / 2) / (len(near) * len(far))


def figures(pairs: Sequence[Pair], cosines: Sequence[float]) -> dict[str, float]:
    """Return what is printed of one kind of vector."""
    by_kind: dict[str, list[float]] = defaultdict(list)
    for pair, value in zip(pairs, cosines, strict=True):
        by_kind[pair.kind].append(value)
    rows = [
        (pair, value)
        for pair, value in zip(pairs, cosines, strict=True)
        if pair.kind != "sign flipped"
    ]
    edits = [(pair, value) for pair, value in rows if pair.kind != "unrelated"]
    found = {
        "rank correlation, edits": spearman(
            [pair.distance for pair, _ in edits], [1 - value for _, value in edits]
        ),
        "rank correlation, all": spearman(
            [pair.distance for pair, _ in rows], [1 - value for _, value in rows]
        ),
        "AUC edits / unrelated": auc([value for _, value in edits], by_kind["unrelated"]),
        "flips below 0": statistics.mean(value < 0 for value in by_kind["sign flipped"]),
    }
    return found | {f"cosine, {kind}": statistics.mean(of) for kind, of in by_kind.items()}


def by_structure(pairs: Sequence[Pair]) -> list[float]:
    """Return the cosine of each pair's structure vectors."""

    def vector(root: Node) -> Vector:
        return structure_vector(branches(root))

    return [cosine(vector(pair.one), vector(pair.other)) for pair in pairs]


def by_text(pairs: Sequence[Pair]) -> list[float]:
    """Return the cosine of MiniLM's vectors of each pair's canonical texts."""
    texts = sorted({expression_text(root) for pair in pairs for root in (pair.one, pair.other)})
    vectors = dict(zip(texts, MiniLmEmbedder().embed(texts), strict=True))
    return [
        cosine(vectors[expression_text(pair.one)], vectors[expression_text(pair.other)])
        for pair in pairs
    ]


def main() -> int:
    """Print the table."""
    pairs = labelled()
    columns = {"structure": figures(pairs, by_structure(pairs))}
    try:
        columns["MiniLM"] = figures(pairs, by_text(pairs))
    except MissingExtraError as error:
        print(f"without MiniLM: {error}")
    print(f"{BASES} formulas, {len(pairs)} pairs")
    print(f"{'':26}" + "".join(f"{name:>11}" for name in columns))
    for row in columns["structure"]:
        print(f"{row:26}" + "".join(f"{column[row]:11.3f}" for column in columns.values()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
