"""Check a journal file offline: the chain, its gaps, its order of time, and its checkpoints."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from .chain import (
    CLOCK_SLACK,
    CLOCK_STEPPED,
    GENESIS,
    Checkpoint,
    Entry,
    body_hash,
    entry_hash,
    entry_of,
)
from .clock import from_text
from .errors import InvalidInputError, NotFoundError, TamperedError

FAULTS_MAX = 100


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a journal holds, and if not where it first breaks (``first_bad_seq``, 0 for none)."""

    is_ok: bool
    entries: int
    head: str
    faults: tuple[str, ...]
    first_bad_seq: int = 0
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Walk:
    """The state of one pass over the rows, in order."""

    prev: str = GENESIS
    seq: int = 0
    at: str = ""
    first_bad_seq: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    heads: dict[int, str] = field(default_factory=dict)

    def fault(self, seq: int, words: str) -> None:
        """Keep a fault; the first one's seq is where an auditor starts."""
        self.first_bad_seq = self.first_bad_seq or seq
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(f"entry {seq}: {words}" if seq else words)


def verify(path: Path, checkpoints: Path | None = None) -> Verdict:
    """Read the whole file and say whether it holds; needs no clock, no key and no server.

    Raises:
        NotFoundError: when there is no such file.
        InvalidInputError: when the checkpoint file cannot be read.
    """
    points = [] if checkpoints is None else read_checkpoints(checkpoints)
    wanted = {point.entries for point in points}
    walk = _Walk()
    try:
        for row in _rows(path):
            _check_row(walk, row)
            if walk.seq in wanted:
                walk.heads[walk.seq] = walk.prev
    except sqlite3.Error as error:
        walk.fault(walk.seq + 1, f"the file cannot be read: {error}")
    _check_points(walk, points)
    return Verdict(
        is_ok=not walk.faults,
        entries=walk.seq,
        head=walk.prev,
        faults=tuple(walk.faults),
        first_bad_seq=walk.first_bad_seq,
        notes=tuple(walk.notes),
    )


def read(path: Path) -> Iterator[Entry]:
    """Read the entries of a journal in order, without being able to write to it.

    Raises:
        NotFoundError: when there is no such file.
        TamperedError: when an entry cannot be read.
    """
    try:
        for row in _rows(path):
            yield entry_of(row)
    except (sqlite3.Error, ValueError, KeyError, TypeError) as error:
        raise TamperedError(
            f"`{path.name}` cannot be read: {error}", help="run `alphaforge audit verify`"
        ) from error


def _rows(path: Path) -> Iterator[sqlite3.Row]:
    if not path.is_file():
        raise NotFoundError(f"no journal at `{path}`", help="check --home; a fresh home has none")
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        yield from connection.execute("SELECT * FROM entries ORDER BY seq")


def read_checkpoints(path: Path) -> list[Checkpoint]:
    """Read the lines that ``Journal.checkpoint`` wrote.

    Raises:
        InvalidInputError: when a line is not a checkpoint.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        tables = [json.loads(line) for line in lines if line.strip()]
        return [
            Checkpoint(entries=int(item["entries"]), head=str(item["head"]), at=str(item["at"]))
            for item in tables
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(
            f"`{path.name}` is not a file of checkpoints: {error}",
            help="give the file that `audit checkpoint` wrote",
        ) from error


def _check_row(walk: _Walk, row: sqlite3.Row) -> None:
    seq = int(row["seq"])
    if seq != walk.seq + 1:
        missing = f"{walk.seq + 1}" if seq == walk.seq + 2 else f"{walk.seq + 1} to {seq - 1}"
        walk.fault(walk.seq + 1, f"gap: {missing} missing")
    if row["prev"] != walk.prev:
        walk.fault(seq, "does not follow the entry before it")
    if row["hash"] != entry_hash(str(row["prev"]), str(row["record"])):
        walk.fault(seq, "its record was changed: the hash differs")
    _check_record(walk, seq, row)
    walk.seq, walk.prev = seq, str(row["hash"])


def _check_record(walk: _Walk, seq: int, row: sqlite3.Row) -> None:
    try:
        record = json.loads(str(row["record"]))
        at = from_text(record["at"])
        was = from_text(walk.at) if walk.at else at
        names = (record["seq"], record["kind"], record["body_hash"])
    except (ValueError, KeyError, TypeError) as error:
        walk.fault(seq, f"its record cannot be read: {error}")
        return
    if names != (seq, row["kind"], body_hash(str(row["body"]))):
        walk.fault(seq, "its number, kind or body differs from its record")
    if record["kind"] == CLOCK_STEPPED:
        walk.notes.append(f"entry {seq}: the clock went back, from {walk.at} to {record['at']}")
    elif at < was - CLOCK_SLACK:
        walk.fault(seq, f"time goes back, from {walk.at} to {record['at']}")
    walk.at = record["at"]


def _check_points(walk: _Walk, points: Iterable[Checkpoint]) -> None:
    heads: Mapping[int, str] = {0: GENESIS, **walk.heads}
    for point in points:
        if point.entries > walk.seq:
            walk.fault(
                walk.seq + 1,
                f"cut off: the checkpoint of {point.at} saw {point.entries} entries, "
                f"there are {walk.seq}",
            )
        elif heads.get(point.entries) != point.head:
            walk.fault(point.entries, f"rewritten: the checkpoint of {point.at} has another hash")
