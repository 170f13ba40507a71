"""Which engine computed a number: a hash of the sources and libraries that decide its bytes."""

import hashlib
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("numpy", "numba", "llvmlite")
LANGUAGE = ("dsl/kernels.py", "dsl/nodes.py")
# How stored columns become the panels that kernels see.
PANELS = ("core/symbols.py", "data/derive.py", "data/join.py", "data/panels.py")


def engine_version(packs: Iterable[Path] = ()) -> str:
    """Return the version that goes into run fingerprints.

    ``packs`` are the folders of operators that packs add; their order is of no account.
    """
    return _engine_version(tuple(sorted(packs)))


def forget() -> None:
    """Look at the files anew next time; a process otherwise looks once."""
    _engine_version.cache_clear()
    kernels_version.cache_clear()


def sources() -> list[Path]:
    """List our own files that decide a number; what only draws it is not among them."""
    ours = [path for path in (ROOT / "engine").rglob("*.py") if "report" not in path.parts]
    ours += [ROOT / name for name in (*LANGUAGE, *PANELS)]
    return ours + [
        path for name in ("ops", "rolling") for path in (ROOT / "dsl" / name).glob("*.py")
    ]


@cache
def _engine_version(packs: tuple[Path, ...]) -> str:
    theirs = [(folder, path) for folder in packs for path in folder.rglob("*.py")]
    named = [(path.relative_to(ROOT).as_posix(), path) for path in sources()]
    named += [(f"{folder.parent.name}/{path.relative_to(folder)}", path) for folder, path in theirs]
    libraries = "".join(f"{name} {version(name)}\n" for name in LIBRARIES)
    return f"eng_{hash_of(named, libraries)}"


@cache
def kernels_version(helpers: tuple[Path, ...] = ()) -> str:
    """Return the version of what compiled kernels are made with, their own files aside.

    numba itself checks a kernel's own file, and its own version; ``helpers`` are files of a pack.
    """
    paths = [
        ROOT / "dsl" / "kernels.py",
        ROOT / "engine" / "kernels.py",
        ROOT / "engine" / "cpu.py",
        ROOT / "engine" / "loops.py",
    ]
    paths += [*(ROOT / "dsl" / "rolling").glob("*.py"), *(ROOT / "engine" / "book").glob("*.py")]
    paths += [*helpers]
    return hash_of([(path.name, path) for path in paths], "")[:16]


def hash_of(named: Iterable[tuple[str, Path]], start: str) -> str:
    """Hash names and contents of files, in the order of the names."""
    whole = hashlib.sha256(start.encode())
    for name, path in sorted(named):
        content = path.read_bytes()
        whole.update(f"{name}\n{len(content)}\n".encode())
        whole.update(content)
    return whole.hexdigest()[:32]
