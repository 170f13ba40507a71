"""The level in memory: what was used last stays, up to a bound of bytes."""

from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...core.panel import Matrix


class Ram:
    """Matrices by name; the one that was not asked for the longest goes first."""

    def __init__(self, bytes_max: int) -> None:
        """Start empty; 0 bytes keep nothing."""
        self._bytes_max = bytes_max
        self._bytes = 0
        self._kept: OrderedDict[str, Matrix] = OrderedDict()

    def find(self, key: str) -> "Matrix | None":
        """Return what is kept under a name."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def keep(self, key: str, values: "Matrix") -> None:
        """Take a matrix, and let go of others until all fit."""
        if key in self._kept or values.nbytes > self._bytes_max:
            return
        self._kept[key] = values
        self._bytes += values.nbytes
        while self._bytes > self._bytes_max:
            _, gone = self._kept.popitem(last=False)
            self._bytes -= gone.nbytes
