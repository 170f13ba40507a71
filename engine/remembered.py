"""What an evaluator asks of a store of sub-expressions' values; the store itself is elsewhere."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..core.panel import Matrix, Panel
    from ..dsl.nodes import Node


class Remembered(Protocol):
    """Values known for one panel and one universe, by formula."""

    def find(self, node: "Node") -> "Matrix | None":
        """Return a formula's values, ``[time, instrument]`` over the whole panel, if known."""
        ...

    def wants(self, node: "Node") -> bool:
        """Tell whether a formula's values are worth keeping."""
        ...

    def keep(self, node: "Node", values: "Matrix") -> None:
        """Take a formula's values; the matrix is not written to afterwards."""
        ...


class Memory(Protocol):
    """A store of many panels' values, which an evaluator asks for the part it needs."""

    def bound_to(self, panel: "Panel", universe: "NDArray[np.bool_] | None") -> Remembered:
        """Return what is known of a panel under a universe; None: everybody is a member."""
        ...
