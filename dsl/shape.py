"""The arguments of an operator's class, read once: which are inputs, which are parameters."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass
from operator import attrgetter

from .nodes import Constant, Field, Node, Parameter, signature


@dataclass(frozen=True, slots=True)
class Shape:
    """How an operator is called; names in the order of its arguments."""

    arguments: tuple[str, ...]
    takes: dict[str, Parameter]
    defaults: dict[str, object]
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    variadic: str  # The name of the argument that takes all inputs, if there is one.

    @property
    def required(self) -> tuple[str, ...]:
        """Return the arguments without a default."""
        return tuple(name for name in self.arguments if name not in self.defaults)

    def call_text(self, operator: str) -> str:
        """Write how the operator is called, for help lines."""
        words = [
            f"{name}={_shown(self.defaults[name])}" if name in self.defaults else name
            for name in self.arguments
        ]
        if self.variadic:
            words[words.index(self.variadic)] = "x, y, ..."
        return f"{operator}({', '.join(words)})"


_SHAPES: dict[type[Node], Shape] = {}


def _shown(default: object) -> str:
    return f'"{default}"' if isinstance(default, str) else str(default)


def shape_of(cls: type[Node]) -> Shape:
    """Return the shape of an operator's class."""
    shape = _SHAPES.get(cls)
    if shape is None:
        shape = _SHAPES[cls] = _read(cls)
    return shape


def _read(cls: type[Node]) -> Shape:
    found = signature(cls)
    return Shape(
        arguments=tuple(found),
        takes={name: parameter for name, (parameter, _) in found.items()},
        defaults={name: value for name, (_, value) in found.items() if value is not MISSING},
        inputs=tuple(name for name, (parameter, _) in found.items() if parameter is Parameter.NODE),
        parameters=tuple(
            name
            for name, (parameter, _) in found.items()
            if parameter not in {Parameter.NODE, Parameter.NODES}
        ),
        variadic=next(
            (name for name, (parameter, _) in found.items() if parameter is Parameter.NODES), ""
        ),
    )


def inputs_of(node: Node) -> tuple[Node, ...]:
    """Return a node's inputs in the order of its arguments; faster than ``children``."""
    return _READERS[type(node)](node)


class _Readers(dict[type[Node], Callable[[Node], tuple[Node, ...]]]):
    """The reader of each class, made when first asked for."""

    def __missing__(self, cls: type[Node]) -> Callable[[Node], tuple[Node, ...]]:
        """Make a reader, and keep it."""
        reader = self[cls] = _reader_of(cls)
        return reader


_READERS = _Readers()


def _reader_of(cls: type[Node]) -> Callable[[Node], tuple[Node, ...]]:
    """Return the quickest way to read the inputs of a class: compiling reads them most of all."""
    if cls in {Field, Constant}:
        return lambda _node: ()
    shape = shape_of(cls)
    if shape.variadic:
        return attrgetter(shape.variadic)
    if len(shape.inputs) == 1:
        (name,) = shape.inputs
        return lambda node: (getattr(node, name),)
    return attrgetter(*shape.inputs)


def with_inputs(node: Node, inputs: tuple[Node, ...]) -> Node:
    """Return the node over other inputs."""
    if isinstance(node, (Field, Constant)):
        return node
    shape = shape_of(type(node))
    values: dict[str, object] = {name: getattr(node, name) for name in shape.parameters}
    if shape.variadic:
        values[shape.variadic] = inputs
    else:
        values.update(zip(shape.inputs, inputs, strict=True))
    return type(node)(**values)


def parameters_of(node: Node) -> tuple[tuple[str, object], ...]:
    """Return the arguments that are not inputs, by name, in order."""
    if isinstance(node, Field):
        return (("field", node.field),)
    if isinstance(node, Constant):
        return (("value", node.value),)
    names = shape_of(type(node)).parameters
    return tuple([(name, getattr(node, name)) for name in names]) if names else ()


def values_of(node: Node) -> object:
    """Return the arguments that are not inputs, without names: what ``parameters_of`` says, fast.

    Equal values of nodes of one class mean equal arguments.
    """
    reader = _VALUES.get(type(node))
    if reader is None:
        reader = _VALUES[type(node)] = _values_reader(type(node))
    return reader(node)


_VALUES: dict[type[Node], Callable[[Node], object]] = {}


def _values_reader(cls: type[Node]) -> Callable[[Node], object]:
    if cls is Field:
        return attrgetter("field")
    if cls is Constant:
        return attrgetter("value")
    names = shape_of(cls).parameters
    return attrgetter(*names) if names else lambda _node: None
