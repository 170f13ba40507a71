"""A formula's tree as one line of text: what the memory keeps, so that it needs no compiler again.

A JSON list of ``[label, inputs, parameters, is_unordered, roles]`` in which inputs stand before
their consumer. Flat, so that a deep formula never meets a recursion limit.
"""

import json
from dataclasses import dataclass

from .nodes import Constant, Field, Node, walk
from .shape import inputs_of, shape_of

FIELD = "field:"
CONSTANT = "constant"

Value = int | float | str
# What the sign of an input does to the whole: it is its sign, it is lost, it is the input's own.
PASSED, LOST, OWN = "+", "0", "."


@dataclass(frozen=True, slots=True)
class Branch:
    """One node: what it is, how many of the branches before it are its inputs, its parameters.

    ``is_unordered``: the inputs may change places. ``roles`` has one mark an input: what its sign
    does to the whole, by the operator's laws.
    """

    label: str
    inputs: int
    parameters: tuple[tuple[str, Value], ...] = ()
    is_unordered: bool = False
    roles: str = ""


def branches(root: Node) -> tuple[Branch, ...]:
    """List a formula's nodes, inputs before consumers."""
    return tuple(_branch(node) for node in walk(root))


def tree_text(root: Node) -> str:
    """Write a formula's tree as one line."""
    return json.dumps(
        [
            [item.label, item.inputs, dict(item.parameters), item.is_unordered, item.roles]
            for item in branches(root)
        ],
        separators=(",", ":"),
    )


def tree_from(text: str) -> tuple[Branch, ...]:
    """Read what ``tree_text`` wrote; an empty text is an empty tree.

    A text of an earlier version has no roles: each sign is then its input's own.
    """
    if not text:
        return ()
    return tuple(
        Branch(label, inputs, tuple(sorted(parameters.items())), is_unordered, *roles)
        for label, inputs, parameters, is_unordered, *roles in json.loads(text)
    )


def _branch(node: Node) -> Branch:
    if isinstance(node, Field):
        return Branch(FIELD + node.field, 0)
    if isinstance(node, Constant):
        return Branch(CONSTANT, 0, (("value", node.value),))
    parameters = tuple(sorted(node.parameters().items()))
    inputs = inputs_of(node)
    return Branch(node.name, len(inputs), parameters, node.is_commutative, _roles(node, inputs))


def _roles(node: Node, inputs: tuple[Node, ...]) -> str:
    shape, laws = shape_of(type(node)), type(node).laws
    names = (shape.variadic,) * len(inputs) if shape.variadic else shape.inputs
    passed = laws.odd | laws.turns
    return "".join(
        PASSED if name in passed else LOST if name in laws.even else OWN for name in names
    )
