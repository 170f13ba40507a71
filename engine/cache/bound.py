"""What is kept of one panel under one universe, as an evaluator asks for it."""

from typing import TYPE_CHECKING, Protocol

from .keys import Keys
from .worth import Worth

if TYPE_CHECKING:
    from ...core.panel import Matrix, Panel
    from ...dsl.nodes import Node


# What waits to be kept at the end of one evaluation, at most.
WANTED_BYTES = 256 * 1024 * 1024
FLOAT_BYTES = 8


class Kept(Protocol):
    """Values by name."""

    def find(self, key: str, shape: tuple[int, int]) -> "Matrix | None":
        """Return the values under a name."""
        ...

    def keep(self, key: str, values: "Matrix") -> None:
        """Keep values under a name."""
        ...


class Bound:
    """A cache for one panel and one universe."""

    def __init__(self, cache: Kept, panel: "Panel", keys: Keys) -> None:
        """Take the cache, and the names of what is on the panel."""
        self._cache, self._shape, self._keys = cache, panel.shape, keys
        self._worth = Worth(panel.shape[1])
        size = max(1, panel.shape[0] * panel.shape[1] * FLOAT_BYTES)
        self._left = max(1, WANTED_BYTES // size)

    def find(self, node: "Node") -> "Matrix | None":
        """Return a formula's values, if they are kept; only what is worth keeping is looked for."""
        key = self._keys.of(node) if self._worth.is_worth(node) else ""
        return self._cache.find(key, self._shape) if key else None

    def wants(self, node: "Node") -> bool:
        """Tell whether a formula's values are worth keeping, and there is room for them to wait."""
        if not self._left or not self._worth.is_worth(node) or not self._keys.of(node):
            return False
        self._left -= 1
        return True

    def keep(self, node: "Node", values: "Matrix") -> None:
        """Take a formula's values; nobody may write to them afterwards."""
        key = self._keys.of(node)
        if key:
            self._cache.keep(key, values)
