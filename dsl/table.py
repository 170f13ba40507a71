"""The nodes of one canonicalization, each structure once, so that sameness is identity."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from .encoding import head
from .nodes import Constant, Node
from .shape import inputs_of, shape_of, values_of, with_inputs

KEY_CHARS_MAX = 200


@dataclass(slots=True)
class Table:
    """Makes nodes by their operator's name, and keeps one of each."""

    operators: Mapping[str, type[Node]]
    _nodes: dict[tuple[object, ...], Node] = field(default_factory=dict)
    _keys: dict[int, str] = field(default_factory=dict)

    def node(self, operator: str, *inputs: Node, **parameters: object) -> Node:
        """Return the node of an operator over inputs that are in the table."""
        cls = self.operators[operator]
        shape = shape_of(cls)
        arguments = dict(parameters)
        if shape.variadic:
            arguments[shape.variadic] = inputs
        else:
            arguments.update(zip(shape.inputs, inputs, strict=True))
        return self.keep(cls(**arguments))

    def constant(self, value: float) -> Node:
        """Return the node of a number."""
        return self.keep(Constant(value))

    def over(self, node: Node, inputs: tuple[Node, ...]) -> Node:
        """Return the node over other inputs."""
        old = inputs_of(node)
        is_same = len(old) == len(inputs) and all(a is b for a, b in zip(old, inputs, strict=True))
        return self.keep(node if is_same else with_inputs(node, inputs))

    def keep(self, node: Node) -> Node:
        """Return the one node of this structure; its inputs are in the table."""
        if isinstance(node, Constant) and node.value == 0.0:
            # No kernel leaves a -0, so none is told apart here.
            node = Constant(0.0)
        key = (type(node), values_of(node), *map(id, inputs_of(node)))
        return self._nodes.setdefault(key, node)

    def key(self, node: Node) -> str:
        """Return a text that orders nodes: fields by name, operators by name and then inputs.

        What would be a long text ends in a hash, so that deep formulas cost no more than wide ones.
        """
        found = self._keys.get(id(node))
        if found is None:
            name, _, parameters = head(node).partition(" ")
            inputs = ",".join([self.key(item) for item in inputs_of(node)])
            found = f"{name}({inputs};{parameters})" if inputs else parameters
            if len(found) > KEY_CHARS_MAX:
                found = found[:KEY_CHARS_MAX] + blake2b(found.encode(), digest_size=16).hexdigest()
            self._keys[id(node)] = found
        return found


def is_zero(node: Node) -> bool:
    """Tell whether a product or quotient is 0 wherever it is not missing: it has no sign."""
    if isinstance(node, Constant):
        return node.value == 0.0
    if node.name == "mul":
        return any(is_zero(factor) for factor in inputs_of(node))
    return node.name == "div" and is_zero(inputs_of(node)[0])


def negated(node: Node) -> Node | None:
    """Return what stands under a minus sign, or nothing where there is no sign."""
    return inputs_of(node)[0] if node.name == "neg" else None
