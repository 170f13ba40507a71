"""A side file for entries of deeds that could not wait for a broken journal.

Only what lowers risk acts without a journal entry: the kill switch and cancels. What they did is
kept here, line by line, and moved into the journal when it works again, each line once.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from .canonical import canonical_json, tagged_hash

SPOOLED = "journal.spooled"
TAG = "alphaforge.journal.spool.v1"
BYTES_MAX = 4 * 1024 * 1024


def spool_path(journal: Path) -> Path:
    """Return where the side file of a journal lies."""
    return journal.with_name(f"{journal.name}.spool")


def spool(path: Path, fields: Mapping[str, object]) -> bool:
    """Add a line, on the disk before this returns; say whether that worked, and never raise."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            # A line of its own, even after a line that a crash cut off.
            file.write(b"\n" + canonical_json(fields) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return False
    return True


def waiting(path: Path, known: Iterable[str]) -> Iterator[dict[str, object]]:
    """Give the bodies of the lines that are not in the journal yet, each with its own id."""
    seen = set(known)
    try:
        lines = path.read_bytes()[:BYTES_MAX].splitlines()
    except FileNotFoundError:
        return
    for number, line in enumerate(lines):
        # Its place is part of it: two equal deeds are two lines.
        line_id = tagged_hash(TAG, str(number).encode(), line)[:32]
        if line.strip() and line_id not in seen:
            yield {"spool_id": line_id, "entry": _read(line)}


def _read(line: bytes) -> object:
    try:
        return json.loads(line, parse_float=str)
    except ValueError:
        return line.decode("utf-8", "replace")
