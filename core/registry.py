"""Members found by being there: a folder's modules in name order, twins refused."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType
from typing import Generic, TypeVar

from .errors import ConflictError

T = TypeVar("T")


def modules_in(package: ModuleType) -> Iterator[ModuleType]:
    """Import every public module of a package, in the order of their names."""
    for name in sorted(info.name for info in pkgutil.iter_modules(package.__path__)):
        if not name.startswith("_"):
            yield importlib.import_module(f"{package.__name__}.{name}")


class Registry(Generic[T]):
    """Named members of one kind; adding a second one under a name is refused with both places."""

    def __init__(self, kind: str) -> None:
        """Start empty; ``kind`` is the word used in messages."""
        self.kind = kind
        self._members: dict[str, T] = {}
        self._places: dict[str, str] = {}

    def add(self, name: str, member: T, place: str) -> None:
        """Add a member that lives at ``place`` (a module's name).

        Raises:
            ConflictError: when another place already gave that name.
        """
        known = self._places.get(name)
        if known is not None and known != place:
            raise ConflictError(f"{self.kind} `{name}` is defined in `{known}` and in `{place}`")
        self._members[name] = member
        self._places[name] = place

    def members(self) -> dict[str, T]:
        """Return all members in the order of their names."""
        return {name: self._members[name] for name in sorted(self._members)}

    def place(self, name: str) -> str:
        """Return where a member is defined."""
        return self._places[name]
