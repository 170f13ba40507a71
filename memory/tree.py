"""A formula's tree as one line of text: what the memory keeps, so that it needs no compiler again.

A JSON list of ``[label, inputs, parameters, is_unordered]`` in which inputs stand before their
consumer. Flat, so that a deep formula never meets a recursion limit.
"""

import json
from dataclasses import dataclass

from ..dsl.nodes import Constant, Field, Node, walk

FIELD = "field:"
CONSTANT = "constant"

Value = int | float | str


@dataclass(frozen=True, slots=True)
class Branch:
    """One node: what it is, how many of the branches before it are its inputs, its parameters.

    ``is_unordered``: the inputs may change places.
    """

    label: str
    inputs: int
    parameters: tuple[tuple[str, Value], ...] = ()
    is_unordered: bool = False


def branches(root: Node) -> tuple[Branch, ...]:
    """List a formula's nodes, inputs before consumers."""
    return tuple(_branch(node) for node in walk(root))


def tree_text(root: Node) -> str:
    """Write a formula's tree as one line."""
    return json.dumps(
        [
            [item.label, item.inputs, dict(item.parameters), item.is_unordered]
            for item in branches(root)
        ],
        separators=(",", ":"),
    )


def tree_from(text: str) -> tuple[Branch, ...]:
    """Read what ``tree_text`` wrote; an empty text is an empty tree."""
    if not text:
        return ()
    return tuple(
        Branch(label, inputs, tuple(sorted(parameters.items())), is_unordered)
        for label, inputs, parameters, is_unordered in json.loads(text)
    )


def _branch(node: Node) -> Branch:
    if isinstance(node, Field):
        return Branch(FIELD + node.field, 0)
    if isinstance(node, Constant):
        return Branch(CONSTANT, 0, (("value", node.value),))
    parameters = tuple(sorted(node.parameters().items()))
    return Branch(node.name, len(node.children()), parameters, node.is_commutative)
