"""What became of each step: the memory by which a killed ingest goes on."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from ...core.clock import Clock, to_text
from ...core.sqlite import connect, transaction

# What a source puts between the name of a step and that of a part of it.
PART = "+"

SCHEMA = """
CREATE TABLE IF NOT EXISTS steps (
    source TEXT NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL, payload TEXT NOT NULL,
    detail TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (source, key)
) STRICT
"""


class State(StrEnum):
    """How far a step has come; a step without a row was never answered."""

    RECEIVED = "received"  # its payload is kept, its rows perhaps not
    DONE = "done"  # its rows are in the tables, and its answer is final
    OPEN = "open"  # answered before it was final: asked again by the next ingest
    ABSENT = "absent"  # the source has nothing, and never will
    DEAD = "dead"  # given up, with a line in the dead-letter file; tried again by the next ingest


@dataclass(frozen=True, slots=True)
class Entry:
    """One step as the ledger has it."""

    state: State
    payload: str


class Ledger:
    """The steps of one source into one dataset; one thread at a time."""

    def __init__(self, path: Path, source: str, clock: Clock) -> None:
        """Open the dataset's file."""
        self._connection = connect(path, SCHEMA, durable=True)
        self._source = source
        self._clock = clock

    def entry(self, key: str) -> Entry | None:
        """Return what is known of a step."""
        row: sqlite3.Row | None = self._connection.execute(
            "SELECT state, payload FROM steps WHERE source = ? AND key = ?", (self._source, key)
        ).fetchone()
        return None if row is None else Entry(State(row["state"]), row["payload"])

    def write(
        self, keys: Iterable[str], state: State, *, payload: str = "", detail: str = ""
    ) -> None:
        """Set the state of steps, all or none; an empty payload keeps the one that is known."""
        at = to_text(self._clock.now())
        with transaction(self._connection) as db:
            db.executemany(
                "INSERT INTO steps VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (source, key) DO UPDATE "
                "SET state = excluded.state, detail = excluded.detail, at = excluded.at, "
                "payload = CASE excluded.payload WHEN '' THEN payload ELSE excluded.payload END",
                [(self._source, key, state.value, payload, detail, at) for key in keys],
            )

    def reopen(self, key: str) -> None:
        """Have a step asked for again, and the parts of it that its answers asked for."""
        part = f"{key}{PART}"
        with transaction(self._connection) as db:
            db.execute(
                "UPDATE steps SET state = ? "
                "WHERE source = ? AND (key = ? OR substr(key, 1, ?) = ?)",
                (State.OPEN.value, self._source, key, len(part), part),
            )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()
