"""The hash-chained journal: what was acknowledged stays, and every change of the past shows.

One SQLite file. An entry's hash covers the hash before it and a canonical record of its own fields;
the record holds the hash of the body, so that an erased body leaves the chain valid.
"""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from .canonical import canonical_json, plain
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
from .clock import Clock, from_text, to_text
from .errors import BrokenError, LimitError
from .journal_check import Verdict, verify
from .principals import DEFAULT_TENANT
from .redaction import redacted
from .spool import SPOOLED, spool, spool_path, waiting
from .sqlite import connect, transaction

__all__ = ["GENESIS", "Checkpoint", "Entry", "Journal", "Verdict", "verify"]

BODY_BYTES_MAX = 1024 * 1024
PAGE_MAX = 10_000
NOTHING: Mapping[str, object] = MappingProxyType({})

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    seq INTEGER PRIMARY KEY, prev TEXT NOT NULL, hash TEXT NOT NULL,
    kind TEXT NOT NULL, record TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_by_kind ON entries (kind, seq)
"""
# A guard against our own mistakes; against an owner of the file only the chain helps.
TRIGGERS = tuple(
    f"CREATE TRIGGER IF NOT EXISTS entries_no_{verb.lower()} BEFORE {verb} ON entries "
    f"BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"
    for verb in ("UPDATE", "DELETE")
)


class Journal:
    """Append to and read one journal file; threads and processes may share it."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Name the file; it is opened, and created when there is none, at its first use."""
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._opened: sqlite3.Connection | None = None

    def append(  # noqa: PLR0913  # The fields of an entry.
        self,
        kind: str,
        *,
        principal: str,
        tenant: str = DEFAULT_TENANT,
        request_id: str = "",
        decision_id: str = "",
        plan_hash: str = "",
        body: Mapping[str, object] = NOTHING,
        is_durable: bool = True,
    ) -> Entry:
        """Add an entry; it is on the disk before this returns.

        ``is_durable=False`` still survives the death of the process, not the loss of power: for
        reads, which change nothing.

        Raises:
            NotCanonicalError: when the body holds a float or an unknown type.
            LimitError: when the body is too large.
            BrokenError: when the journal cannot be written; then the effect must not happen.
        """
        text = canonical_json(redacted(plain(body))).decode()
        if len(text) > BODY_BYTES_MAX:
            raise LimitError(f"a journal body of {len(text)} bytes is over {BODY_BYTES_MAX}")
        stamp = {
            "principal": principal,
            "tenant": tenant,
            "request_id": request_id,
            "decision_id": decision_id,
            "plan_hash": plan_hash,
        }
        with self._writing(is_durable=is_durable):
            now = self._clock.now()
            last = self._unspooled(self._last(), to_text(now))
            if last is not None and now < from_text(last.at) - CLOCK_SLACK:
                stepped = canonical_json({"from": last.at, "to": to_text(now)}).decode()
                mark = dict.fromkeys(stamp, "") | {"principal": "journal", "tenant": tenant}
                last = self._insert(last, CLOCK_STEPPED, mark, stepped, to_text(now))
            return self._insert(last, kind, stamp, text, to_text(now))

    def spool(self, kind: str, *, principal: str, decision_id: str, body: object) -> bool:
        """Keep an entry beside a journal that cannot be written, until it can be; never raises."""
        fields = {
            "kind": kind,
            "principal": principal,
            "decision_id": decision_id,
            "at": to_text(self._clock.now()),
            "body": redacted(plain(body)),
        }
        return spool(spool_path(self.path), fields)

    def entries(self, after: int = 0, limit: int = 1000, kind: str = "") -> list[Entry]:
        """Return up to ``limit`` entries above seq ``after``, in order; of one kind or of all."""
        where, values = ("AND kind = ?", (kind,)) if kind else ("", ())
        with self._lock:
            rows = self._connection.execute(
                f"SELECT * FROM entries WHERE seq > ? {where} ORDER BY seq LIMIT ?",
                (after, *values, min(limit, PAGE_MAX)),
            ).fetchall()
        return [entry_of(row) for row in rows]

    def head(self) -> str:
        """Return the hash of the last entry, or that of the genesis."""
        with self._lock:
            last = self._last()
        return GENESIS if last is None else last.hash

    def size(self) -> int:
        """Return the number of entries."""
        with self._lock:
            last = self._last()
        return 0 if last is None else last.seq

    def checkpoint(self, path: Path) -> Checkpoint:
        """Add the size and head of the chain, as they are now, to a file outside the journal.

        A chain alone cannot show that its end was cut off; a line kept elsewhere can.
        """
        with self._lock:
            last = self._last()
        now = to_text(self._clock.now())
        size, head = (0, GENESIS) if last is None else (last.seq, last.hash)
        point = Checkpoint(entries=size, head=head, at=now)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(canonical_json(point) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return point

    def close(self) -> None:
        """Close the file; entries are safe already."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()

    @property
    def _connection(self) -> sqlite3.Connection:
        """Return the open file.

        Raises:
            BrokenError: when it cannot be opened; then nothing may be done.
        """
        if self._opened is None:
            try:
                opened = connect(self.path, SCHEMA, durable=True)
                for trigger in TRIGGERS:
                    opened.execute(trigger)
            except (sqlite3.Error, OSError) as error:
                raise BrokenError(
                    f"the journal `{self.path.name}` cannot be opened: {error}",
                    code="AF510",
                    help="check the file and its folder; nothing is done without a journal",
                ) from error
            self._opened = opened
        return self._opened

    @contextmanager
    def _writing(self, *, is_durable: bool) -> Iterator[None]:
        with self._lock:
            try:
                mode = "FULL" if is_durable else "NORMAL"
                self._connection.execute(f"PRAGMA synchronous={mode}")
                with transaction(self._connection):
                    yield
            except sqlite3.Error as error:
                raise BrokenError(
                    f"the journal `{self.path.name}` cannot be written: {error}",
                    code="AF510",
                    help="free disk space or mend the file, then try again; nothing was done",
                ) from error

    def _last(self) -> Entry | None:
        row = self._connection.execute("SELECT * FROM entries ORDER BY seq DESC LIMIT 1").fetchone()
        return None if row is None else entry_of(row)

    def _unspooled(self, last: Entry | None, at: str) -> Entry | None:
        """Take in what deeds left beside the journal while it was broken; in the transaction."""
        path = spool_path(self.path)
        if not path.exists():
            return last
        rows = self._connection.execute("SELECT * FROM entries WHERE kind = ?", (SPOOLED,))
        known = [str(entry_of(row).body["spool_id"]) for row in rows]
        mark = {"principal": "journal", "tenant": DEFAULT_TENANT}
        empty = dict.fromkeys(("request_id", "decision_id", "plan_hash"), "")
        for body in waiting(path, known):
            text = canonical_json(body).decode()
            last = self._insert(last, SPOOLED, mark | empty, text, at)
        return last

    def _insert(
        self, last: Entry | None, kind: str, stamp: Mapping[str, str], body: str, at: str
    ) -> Entry:
        prev = GENESIS if last is None else last.hash
        seq = 1 if last is None else last.seq + 1
        fields = {
            "seq": seq,
            "kind": kind,
            **stamp,
            "at": at,
            # As text: the counter may pass 2**53.
            "monotonic_ns": str(self._clock.monotonic_ns()),
            "body_hash": body_hash(body),
        }
        record = canonical_json(fields).decode()
        row = (seq, prev, entry_hash(prev, record), kind, record, body)
        self._connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", row)
        names = ("seq", "prev", "hash", "kind", "record", "body")
        return entry_of(dict(zip(names, row, strict=True)))
