"""Nodes as text: equal meaning, equal text, on every machine and in every process.

A formula is the list of its nodes, consumers before inputs, each with its name, parameters and
count of inputs; so no depth of nesting meets a limit of any reader.
"""

import json

from .nodes import Constant, Field, Node
from .shape import inputs_of, parameters_of


def node_list(root: Node) -> list[str]:
    """Return a formula as one text a node, consumers before inputs."""
    out: list[str] = []
    stack = [root]
    while stack:
        node = stack.pop()
        inputs = inputs_of(node)
        out.append(f"{head(node)} {len(inputs)}")
        stack.extend(reversed(inputs))
    return out


def head(node: Node) -> str:
    """Return a node's name and parameters, without its inputs."""
    if isinstance(node, Field):
        return f"field {node.field}"
    if isinstance(node, Constant):
        return f"constant {float_text(node.value)}"
    words = [f"{name}={_text(value)}" for name, value in parameters_of(node)]
    return " ".join([node.name, *words]) if words else node.name


def float_text(value: float) -> str:
    """Write a float so that reading it gives the same float; the shortest such text."""
    return repr(float(value))


def _text(value: object) -> str:
    if isinstance(value, str):
        # Quoted, so that no string can look like what stands beside it.
        return json.dumps(value)
    return float_text(value) if isinstance(value, float) else str(value)
