"""Nodes as bytes: equal meaning, equal bytes, on every machine and in every process.

A formula is the list of its nodes, consumers before inputs, each with its name, parameters and
count of inputs; so no depth of nesting meets a limit of any reader.
"""

from collections.abc import Iterable

from ..core.canonical import canonical_json
from .nodes import Constant, Field, Node
from .shape import inputs_of, parameters_of


def node_list(root: Node) -> list[list[object]]:
    """Return a formula as plain lists, consumers before inputs; numbers as exact text."""
    out: list[list[object]] = []
    stack = [root]
    while stack:
        node = stack.pop()
        inputs = inputs_of(node)
        out.append([*head(node), len(inputs)])
        stack.extend(reversed(inputs))
    return out


def head(node: Node) -> tuple[str, ...]:
    """Return a node's name and parameters, without its inputs; a form of the key goes first."""
    if isinstance(node, Field):
        return ("field", node.field)
    if isinstance(node, Constant):
        return ("constant", float_text(node.value))
    return (node.name, *(f"{name}={_text(value)}" for name, value in parameters_of(node)))


def float_text(value: float) -> str:
    """Write a float so that reading it gives the same float; the shortest such text."""
    return repr(float(value))


def encode(roots: Iterable[Node]) -> bytes:
    """Return the canonical bytes of formulas."""
    return canonical_json([node_list(root) for root in roots])


def _text(value: object) -> str:
    return float_text(value) if isinstance(value, float) else str(value)
