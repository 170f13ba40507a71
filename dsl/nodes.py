"""The typed, frozen nodes of a formula, and the decorator that makes an operator of a class."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform

from ..core.registry import Registry
from .laws import NO_LAWS, Laws
from .work import Work

if TYPE_CHECKING:
    from .rules import KindRule, UnitRule


# The longest window; eleven years of hours. The compiler and the kernels' buffers rely on it.
BARS_MAX = 100_000


class Axis(StrEnum):
    """Along what an operator looks."""

    ELEMENT = "element"  # neither: one cell in, one cell out
    TIME = "time"  # one instrument, the bars up to now
    CROSS = "cross"  # one bar, the instruments of the universe


class Parameter(StrEnum):
    """What an argument of an operator may be."""

    NODE = "Node"
    NODES = "tuple[Node, ...]"  # two or more, the operator is variadic
    BARS = "int"  # a duration or a count of bars
    NUMBER = "float"
    WORD = "str"


class Node:
    """A value of a formula; subclasses are frozen dataclasses made by ``operator`` or below."""

    name: ClassVar[str] = ""
    axis: ClassVar[Axis] = Axis.ELEMENT
    is_commutative: ClassVar[bool] = False
    # What it keeps from bar to bar: numbers an instrument. Its answers reach back to the start.
    carries_state: ClassVar[bool] = False
    state_rows: ClassVar[int] = 0
    # How its work grows; None: by its axis.
    work: ClassVar[Work | None] = None
    example: ClassVar[str] = ""
    # The closed range of each argument that is a number, where not every number will do.
    ranges: ClassVar[Mapping[str, tuple[float, float]]] = MappingProxyType({})
    # The words an argument that is a string may be, where not every string will do.
    words: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})
    # The inputs that must be groups, by name; all others must not be.
    group_inputs: ClassVar[frozenset[str]] = frozenset()
    # The inputs that must be a yes or no, by name.
    condition_inputs: ClassVar[frozenset[str]] = frozenset()
    laws: ClassVar[Laws] = NO_LAWS
    kind: "ClassVar[KindRule | None]" = None  # None: numbers of numbers
    unit: "ClassVar[UnitRule | None]" = None  # None: a pure number

    def warmup_bars(self) -> int:
        """Count the bars before the first answer, beyond those its inputs need."""
        return 0

    def children(self) -> "tuple[Node, ...]":
        """Return the inputs in the order of the arguments."""
        found: list[Node] = []
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                found.extend(value)
        return tuple(found)

    def with_children(self, children: "tuple[Node, ...]") -> "Node":
        """Return a copy with other inputs, in the order of ``children``."""
        rest = iter(children)
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            if isinstance(value, Node):
                changes[field.name] = next(rest)
            elif isinstance(value, tuple):
                # A variadic node may grow or shrink: it takes all that is left.
                changes[field.name] = tuple(rest)
        return dataclasses.replace(self, **changes)  # type: ignore[type-var]

    def parameters(self) -> "dict[str, int | float | str]":
        """Return the arguments that are not nodes, by name."""
        return {
            field.name: getattr(self, field.name)
            for field in dataclasses.fields(self)  # type: ignore[arg-type]
            if not isinstance(getattr(self, field.name), (Node, tuple))
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Field(Node):
    """A column of the data set, such as ``close``."""

    field: str


@dataclasses.dataclass(frozen=True, slots=True)
class Constant(Node):
    """A number; the same at every cell."""

    value: float


OPERATORS: Registry[type[Node]] = Registry("operator")
N = TypeVar("N", bound=Node)


@dataclass_transform(frozen_default=True)
def operator(name: str) -> Callable[[type[N]], type[N]]:
    """Make a frozen dataclass of an operator's class and register it under its name."""

    def make(cls: type[N]) -> type[N]:
        made = dataclasses.dataclass(frozen=True, slots=True)(cls)
        made.name = name
        OPERATORS.add(name, made, made.__module__)
        return made

    return make


def signature(cls: type[Node]) -> dict[str, tuple[Parameter, object]]:
    """Return each argument's name, what it may be, and its default (``MISSING``: none)."""
    return {
        field.name: (Parameter(_type_text(field.type)), field.default)
        for field in dataclasses.fields(cls)  # type: ignore[arg-type]
    }


def _type_text(annotation: object) -> str:
    if isinstance(annotation, str):
        return annotation
    return (
        annotation.__name__
        if isinstance(annotation, type)
        else str(annotation).replace(f"{Node.__module__}.", "")
    )


def walk(root: Node) -> Iterator[Node]:
    """Visit a formula's nodes, inputs before consumers, each occurrence once; not recursive."""
    stack = [(root, False)]
    while stack:
        node, is_ready = stack.pop()
        if is_ready:
            yield node
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.children()))
