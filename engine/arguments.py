"""An operator's arguments, made of its inputs' values and its own numbers."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..dsl.nodes import Node, Parameter, signature

if TYPE_CHECKING:
    from ..core.panel import Matrix

# An input or the length of a tuple of inputs is marked by its count; a number stands as it is.
Layout = list[tuple[int, Any]]


def layout(node: Node) -> Layout:
    """Say how an operator's arguments are made of its inputs and its numbers."""
    found: Layout = []
    kinds = signature(type(node))
    for field in fields(node):  # type: ignore[arg-type]
        value = getattr(node, field.name)
        if isinstance(value, Node):
            found.append((1, None))
        elif isinstance(value, tuple):
            found.append((len(value), tuple))
        else:
            # A whole number given for a float must reach the compiled kernel as a float.
            is_number = kinds[field.name][0] is Parameter.NUMBER
            found.append((0, float(value) if is_number else value))
    return found


def placed(layout: Layout, inputs: "list[Matrix]") -> list[object]:
    """Put matrices and numbers in the order of the operator's own arguments."""
    rest = iter(inputs)
    found: list[object] = []
    for count, what in layout:
        if not count:
            found.append(what)
        elif what is tuple:
            found.append(tuple(next(rest) for _ in range(count)))
        else:
            found.append(next(rest))
    return found
