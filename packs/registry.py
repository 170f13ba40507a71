"""Packs found by being there: folders beside this file, and installed distributions once trusted.

1. A folder of this package that has an ``__init__`` is a built-in pack; it came with the wheel.
2. A distribution offers packs by the entry point group ``alphaforge.packs``. Its code is imported
   only if the content hash of its files stands in the ``packs.lock`` it is given (SAFETY S1).
3. The manifest's bounds are held against the core's version before any operator is imported.
4. A pack with a fault is refused with the reason; the rest keeps working.
"""

import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from .. import __version__
from ..core.errors import AlphaForgeError, ConflictError
from ..core.registry import Registry, modules_in
from ..dsl.catalogue import Catalogue
from ..dsl.macro import MACROS, Macro, body_of
from ..dsl.nodes import OPERATORS, Node
from .pack import LoadedPack, Pack, PackSet, RefusedPack, Template, version_of

GROUP = "alphaforge.packs"
T = TypeVar("T")


def find_packs(trusted: Mapping[str, str] | None = None) -> PackSet:
    """Load all packs there are; ``trusted`` is the lock: content hash by distribution name."""
    loaded: list[LoadedPack] = []
    refused: list[RefusedPack] = []
    for name, place, load in _sources(trusted or {}):
        try:
            found = load()
            if any(item.pack.name == found.pack.name for item in loaded):
                raise ConflictError(f"a pack named `{found.pack.name}` is already loaded")  # noqa: TRY301
            loaded.append(found)
        except AlphaForgeError as error:
            refused.append(RefusedPack(name, place, error.message, error.help))
        except Exception as error:  # noqa: BLE001  # The outermost door of foreign code.
            refused.append(RefusedPack(name, place, f"{type(error).__name__}: {error}"))
    return PackSet(tuple(loaded), tuple(refused))


def extend(catalogue: Catalogue, packs: PackSet) -> tuple[Catalogue, PackSet]:
    """Add what the packs supply; a pack that clashes is moved to the refused ones."""
    kept: list[LoadedPack] = []
    refused = list(packs.refused)
    for item in packs.loaded:
        try:
            catalogue = catalogue.with_pack(
                item.pack.name,
                item.pack.version,
                item.operators.values(),
                item.pack.fields,
                item.macros.values(),
            )
            kept.append(item)
        except AlphaForgeError as error:
            refused.append(RefusedPack(item.pack.name, str(item.folder), error.message))
    return catalogue, PackSet(tuple(kept), tuple(refused))


def _sources(trusted: Mapping[str, str]) -> Iterator[tuple[str, str, Callable[[], LoadedPack]]]:
    here = importlib.import_module(__package__)
    for info in sorted(pkgutil.iter_modules(here.__path__), key=lambda item: item.name):
        if info.ispkg:
            yield info.name, f"{__package__}.{info.name}", partial(_built_in, info.name)
    for point in sorted(entry_points(group=GROUP), key=lambda item: item.name):
        yield point.name, point.value, partial(_installed, point, trusted)


def _built_in(name: str) -> LoadedPack:
    return load_package(importlib.import_module(f"{__package__}.{name}"))


def _installed(point: EntryPoint, trusted: Mapping[str, str]) -> LoadedPack:
    name = point.dist.name if point.dist is not None else point.name
    found = distribution_hash(point)
    if trusted.get(name) != found:
        raise ConflictError(
            f"the pack `{name}` is not trusted: its content hash is {found}",
            help=f"a human may trust it: alphaforge packs trust {name}",
        )
    return load_package(importlib.import_module(point.value.partition(":")[0]))


def distribution_hash(point: EntryPoint) -> str:
    """Hash the files of the distribution behind an entry point, without importing any."""
    files = (point.dist.files if point.dist is not None else None) or []
    digest = hashlib.sha256()
    for file in sorted(files, key=str):
        path = Path(str(file.locate()))
        if path.suffix in {".py", ".af"} and path.is_file():
            digest.update(f"{file}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def load_package(package: ModuleType) -> LoadedPack:
    """Check a pack's manifest, then import its operators and macros and read its templates.

    Raises:
        ConflictError: when it has no manifest, does not go with this core, or has a macro that
            cannot be read.
    """
    pack = getattr(package, "PACK", None)
    if not isinstance(pack, Pack):
        raise ConflictError(f"`{package.__name__}` has no `PACK = Pack(...)`")
    core = version_of(__version__)
    if not version_of(pack.core_min) <= core < version_of(pack.core_below):
        raise ConflictError(
            f"the pack `{pack.name}` {pack.version} goes with core >= {pack.core_min}, "
            f"< {pack.core_below}; this is {__version__}"
        )
    folder = Path(package.__path__[0])
    return LoadedPack(
        pack=pack,
        folder=folder,
        content_hash=folder_hash(folder),
        operators=_operators(package),
        templates=tuple(
            Template(pack.name, path.stem, path.read_text(encoding="utf-8"))
            for path in sorted((folder / "templates").glob("*.af"))
        ),
        macros=_macros(package),
    )


def folder_hash(folder: Path) -> str:
    """Hash a pack's files: names and bytes, in order."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".af"}:
            name = path.relative_to(folder).as_posix()
            digest.update(f"{name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _operators(package: ModuleType) -> dict[str, type[Node]]:
    return _members(OPERATORS, package, "ops")


def _macros(package: ModuleType) -> dict[str, Macro]:
    found = _members(MACROS, package, "macros")
    for member in found.values():
        body_of(member)  # Whoever compiles a text later must not meet one that is none.
    return found


def _members(registry: Registry[T], package: ModuleType, folder: str) -> dict[str, T]:
    """Import the modules of a pack's folder, and return what they registered."""
    if not (Path(package.__path__[0]) / folder / "__init__.py").exists():
        return {}
    prefix = f"{package.__name__}.{folder}"
    list(modules_in(importlib.import_module(prefix)))
    return {
        name: member
        for name, member in registry.members().items()
        if registry.place(name).startswith(f"{prefix}.")
    }
