"""The kill flag on the gateway's disk: it works when no database does.

``KILL`` in the gateway home holds lines ``LEVEL scope``. ``touch KILL`` is enough: a line that
cannot be read, or none at all, means CANCEL_ALL for everything.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from ..core.errors import InvalidInputError
from ..core.nearest import nearest

NAME = "KILL"
GLOBAL = "global"
SCOPE_KINDS = ("tenant", "account", "deployment", "instrument")
BYTES_MAX = 64 * 1024


class Level(IntEnum):
    """How much is stopped; the highest of all scopes that apply is in force.

    STOP_NEW: nothing that adds risk leaves. REDUCE_ONLY: besides, resting orders that could add
    risk are cancelled. CANCEL_ALL: all resting orders are cancelled, no order leaves. FLATTEN:
    besides, positions are closed by reduce-only orders within the collar and the size limits.
    """

    NONE = 0
    STOP_NEW = 1
    REDUCE_ONLY = 2
    CANCEL_ALL = 3
    FLATTEN = 4


@dataclass(frozen=True, slots=True, order=True)
class Kill:
    """One pull of the switch."""

    level: Level
    scope: str = GLOBAL

    def line(self) -> str:
        """Return the line of the kill file that says this."""
        return f"{self.level.name} {self.scope}"


UNREADABLE = Kill(Level.CANCEL_ALL)


def level_of(text: str) -> Level:
    """Read the name of a level.

    Raises:
        InvalidInputError: naming the levels there are.
    """
    name = text.strip().upper().replace("-", "_")
    known = [level.name for level in Level if level]
    if name not in known:
        meant = nearest(name, known)
        raise InvalidInputError(
            f"no kill level `{text[:40]}`",
            help=f"did you mean `{meant}`?" if meant else f"levels: {', '.join(known)}",
        )
    return Level[name]


def scope_of(text: str) -> str:
    """Check a scope: ``global`` or ``kind:name``.

    Raises:
        InvalidInputError: for another shape.
    """
    kind, _, name = text.strip().partition(":")
    if text.strip() == GLOBAL or (kind in SCOPE_KINDS and name and name.split() == [name]):
        return text.strip()
    raise InvalidInputError(
        f"no kill scope `{text[:80]}`",
        help=f"write `global`, or {', '.join(f'`{kind}:NAME`' for kind in SCOPE_KINDS)}",
    )


def read_kill_file(home: Path) -> tuple[Kill, ...]:
    """Return what the flag says; a file that is there and says nothing clear stops everything."""
    try:
        text = (home / NAME).read_bytes()[:BYTES_MAX].decode()
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError):
        return (UNREADABLE,)
    lines = [line for line in text.splitlines() if line.strip()]
    return tuple(_kill_of(line) for line in lines) or (UNREADABLE,)


def write_kill_file(home: Path, kills: Iterable[Kill]) -> None:
    """Replace the flag's lines, on the disk before this returns; none removes the file."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, fresh = home / NAME, home / f".{NAME}.new"
    text = "".join(f"{kill.line()}\n" for kill in sorted(set(kills)))
    if text:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    else:
        path.unlink(missing_ok=True)
    _sync_folder(home)


def add_to_kill_file(home: Path, kill: Kill) -> None:
    """Add a line to the flag, on the disk before this returns."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    # What stood there keeps its weight: an empty flag must not get weaker by a mild line.
    kept = "".join(f"{old.line()}\n" for old in read_kill_file(home) if old == UNREADABLE)
    with (home / NAME).open("a", encoding="utf-8") as file:
        # A line of its own, even after a last line that has no end.
        file.write(f"\n{kept}{kill.line()}\n")
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(home)


def _kill_of(line: str) -> Kill:
    level, _, scope = line.strip().partition(" ")
    try:
        return Kill(level_of(level), scope_of(scope or GLOBAL))
    except InvalidInputError:
        return UNREADABLE


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
