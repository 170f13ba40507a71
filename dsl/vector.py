"""A formula as a vector: near formulas are near, and ``-f`` is the exact opposite of ``f``.

1. Signs are pulled up, by the laws that operators state: ``zscore(-x)`` is ``-zscore(x)``, and
   ``a - b`` is ``a`` plus a negative ``b``. Each node gets a sign and a shape, the hash of its
   sub-tree without signs and numbers.
2. Signs are pushed down: each node learns whether it enters the result upright or upside down.
3. Each node gives features: its sub-tree's shape, its label, the pair with each input, and its
   numbers, each on a log scale and shared between two neighbouring steps, so that 24 is near 25
   and far from 240. A feature counts less the deeper it stands and the commoner its word is
   (``rarity``), and is negative when upside down.
4. The strategy's other settings give a few light features.
5. Features are hashed with signs into a fixed number of dimensions, and the length is made one.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from .branches import CONSTANT, OWN, PASSED, Branch
from .rarity import rarity

DIMENSIONS = 256
# Part of the name of any index: a change of the recipe makes a new index.
STRUCTURE_VERSION = "s2"

NEGATION = "neg"
SUM = "add"

DEPTH_DECAY = 0.9
SHAPE_WEIGHT, LABEL_WEIGHT, PAIR_WEIGHT, NUMBER_WEIGHT, SETTING_WEIGHT = 1.0, 0.6, 0.9, 0.4, 0.12
# A fine scale and a coarse one: 48 is nearer to 24 than 240 is.
STEPS_PER_DOUBLING = (2.0, 0.5)


@dataclass(slots=True)
class _Node:
    branch: Branch
    inputs: tuple[int, ...]
    sign: int = 1
    shape: int = 0
    # How each input enters, once the node's own sign is taken out.
    turns: tuple[int, ...] = field(default=())


def structure_vector(
    tree: Sequence[Branch], settings: Mapping[str, str] | None = None
) -> tuple[float, ...]:
    """Return the vector of a tree; of an empty tree, the zero vector."""
    if not tree:
        return (0.0,) * DIMENSIONS
    nodes = _signed(tree)
    features = _features(nodes)
    for name, value in (settings or {}).items():
        features[_hash("setting", name, value)] += nodes[-1].sign * SETTING_WEIGHT
    return _folded(features)


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the cosine of two vectors of length one (or zero)."""
    return math.fsum(a * b for a, b in zip(one, other, strict=True))


def _signed(tree: Sequence[Branch]) -> list[_Node]:
    nodes: list[_Node] = []
    open_inputs: list[int] = []
    for branch in tree:
        first = len(open_inputs) - branch.inputs
        node = _Node(branch, tuple(open_inputs[first:]))
        _pull_up(node, [nodes[index] for index in node.inputs])
        del open_inputs[first:]
        open_inputs.append(len(nodes))
        nodes.append(node)
    return nodes


def _pull_up(node: _Node, inputs: list[_Node]) -> None:
    label, signs = node.branch.label, [item.sign for item in inputs]
    if label == NEGATION:
        node.sign, node.shape, node.turns = -signs[0], inputs[0].shape, (1,)
        return
    if label == CONSTANT:
        value = float(dict(node.branch.parameters)["value"])
        node.sign = -1 if value < 0 else 1
    elif label == SUM:
        # The input with the smallest shape leads: the order of the terms has no say.
        node.sign = signs[min(range(len(inputs)), key=lambda at: inputs[at].shape)]
        signs = [sign * node.sign for sign in signs]
    else:
        roles = node.branch.roles.ljust(len(signs), OWN)
        known = list(zip(signs, roles, strict=True))
        node.sign = math.prod(sign for sign, role in known if role == PASSED)
        signs = [sign if role == OWN else 1 for sign, role in known]
    node.turns = tuple(signs)
    parts = [f"{item.shape}:{turn}" for item, turn in zip(inputs, signs, strict=True)]
    words = [f"{key}={v}" for key, v in node.branch.parameters if isinstance(v, str)]
    ordered = sorted(parts) if node.branch.is_unordered else parts
    node.shape = _hash("shape", label, *words, *ordered)


def _features(nodes: list[_Node]) -> dict[int, float]:
    features: dict[int, float] = defaultdict(float)
    waiting = [(len(nodes) - 1, nodes[-1].sign, 1.0)]
    while waiting:
        index, sign, weight = waiting.pop()
        node = nodes[index]
        label = node.branch.label
        if label == NEGATION:
            # Its sign stands in the nodes above; itself it is nothing.
            waiting.append((node.inputs[0], sign, weight))
            continue
        told = weight * rarity(label)
        features[_hash("shape", str(node.shape))] += sign * told * SHAPE_WEIGHT
        features[_hash("label", label)] += sign * told * LABEL_WEIGHT
        for key, value in node.branch.parameters:
            for name, share in _steps(key, value):
                amount = sign * weight * share * NUMBER_WEIGHT
                features[_hash("number", label, name)] += amount
                features[_hash("number", str(node.shape), name)] += amount
        for at, turn in zip(node.inputs, node.turns, strict=True):
            pair = _hash("pair", label, _label_under_signs(nodes, at))
            features[pair] += sign * turn * weight * PAIR_WEIGHT
            waiting.append((at, sign * turn, weight * DEPTH_DECAY))
    return features


def _label_under_signs(nodes: list[_Node], at: int) -> str:
    while nodes[at].branch.label == NEGATION:
        at = nodes[at].inputs[0]
    return nodes[at].branch.label


def _steps(key: str, value: float | str) -> list[tuple[str, float]]:
    if isinstance(value, str):
        return [(f"{key}={value}", 1.0)]
    if value == 0:
        return [(f"{key}:zero", 1.0)]
    # The sign of a constant is the node's own.
    found = []
    for scale in STEPS_PER_DOUBLING:
        step = math.log2(abs(value)) * scale
        low = math.floor(step)
        share = step - low
        found += [(f"{key}/{scale}:{low}", 1.0 - share), (f"{key}/{scale}:{low + 1}", share)]
    return found


def _folded(features: Mapping[int, float]) -> tuple[float, ...]:
    cells = [0.0] * DIMENSIONS
    # In order of the hash, so that the sums have the same bits on every machine.
    for key in sorted(features):
        amount = features[key]
        # Damped, so that a label that stands everywhere does not drown the rest.
        damped = math.copysign(math.sqrt(abs(amount)), amount)
        for shift in (0, 20):
            bits = key >> shift
            cells[(bits >> 1) % DIMENSIONS] += damped if bits & 1 else -damped
    length = math.sqrt(math.fsum(cell * cell for cell in cells))
    return tuple(cell / length for cell in cells) if length else tuple(cells)


def _hash(*parts: str) -> int:
    digest = blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big")
