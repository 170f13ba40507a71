"""What a capability pack says of itself: one market's words for the core's machinery."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..dsl.catalogue import FieldInfo
from ..dsl.macro import Macro
from ..dsl.nodes import Node

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """The manifest of a pack: the name ``PACK`` in its package's ``__init__``.

    ``core_min`` and ``core_below`` bound the core versions it works with, the upper one excluded.
    Operators are the modules of its ``ops`` folder, macros those of ``macros``, templates the
    ``*.af`` files of ``templates``.
    """

    name: str
    version: str
    doc: str
    core_min: str
    core_below: str
    fields: tuple[FieldInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """A strategy text that a pack ships as a start."""

    pack: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class LoadedPack:
    """A pack that passed its checks, with what it supplies."""

    pack: Pack
    folder: Path
    content_hash: str
    operators: Mapping[str, type[Node]]
    templates: tuple[Template, ...]
    macros: Mapping[str, Macro] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RefusedPack:
    """A pack that was not loaded, and why; the others keep working."""

    name: str
    place: str
    reason: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class PackSet:
    """All packs found: those loaded and those refused."""

    loaded: tuple[LoadedPack, ...] = ()
    refused: tuple[RefusedPack, ...] = field(default=())

    def versions(self) -> dict[str, str]:
        """Return the version of each loaded pack by name."""
        return {item.pack.name: item.pack.version for item in self.loaded}

    def hashes(self) -> dict[str, str]:
        """Return the content hash of each loaded pack by name."""
        return {item.pack.name: item.content_hash for item in self.loaded}

    def templates(self) -> dict[str, Template]:
        """Return all templates by name."""
        return {template.name: template for item in self.loaded for template in item.templates}


def version_of(text: str) -> Version:
    """Read a version such as ``1.2.0``; a part that is no number ends it."""
    parts: list[int] = []
    for part in text.split("."):
        if not part.isdigit():
            break
        parts.append(int(part))
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)
