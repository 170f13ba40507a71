"""The dead-letter file: one JSON line for each step that was given up."""

import os
from pathlib import Path

from ...core.canonical import canonical_json
from ...core.clock import Clock, to_text
from ...core.errors import AlphaForgeError
from .source import Step


def bury(path: Path, step: Step, error: AlphaForgeError, *, payload: str, clock: Clock) -> None:
    """Add a line, on the disk before this returns: what was asked, what is wrong, what is kept."""
    path.parent.mkdir(parents=True, exist_ok=True)
    line = canonical_json(
        {
            "at": to_text(clock.now()),
            "key": step.key,
            "target": step.target,
            "stream": step.stream,
            "symbol": step.symbol,
            "code": error.code,
            "message": error.message,
            "help": error.help,
            "payload": payload,
        }
    )
    with path.open("ab") as file:
        # A line of its own, even after one that a crash cut off.
        file.write((b"\n" if _is_cut(path) else b"") + line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _is_cut(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size == 0:
            return False
        file.seek(size - 1)
        return file.read(1) != b"\n"
