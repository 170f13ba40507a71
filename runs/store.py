"""The store of runs: every move is one compare-and-set on the version that was read."""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..core.sqlite import connect, transaction
from ..memory.schema import VERSIONS, migrate
from .record import COLUMNS, Run, row_of, run_from
from .states import State, check_move

STEPS = (
    """
    CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        tenant TEXT NOT NULL, author TEXT NOT NULL, lineage TEXT NOT NULL,
        state TEXT NOT NULL,
        fingerprint TEXT NOT NULL, run_fingerprint TEXT NOT NULL,
        created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
        prepared TEXT NOT NULL, version INTEGER NOT NULL,
        attempt INTEGER NOT NULL, failures INTEGER NOT NULL,
        metrics TEXT NOT NULL, artifacts TEXT NOT NULL, notes TEXT NOT NULL, fault TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_by_state ON runs (state, updated_at);
    CREATE INDEX runs_by_time ON runs (tenant, created_at, run_id)
    """,
)


class RunStore:
    """One SQLite connection, used by one thread at a time."""

    def __init__(self, control_db: Path) -> None:
        """Open the store and bring its tables up to date."""
        self._lock = threading.RLock()
        self._connection = connect(control_db, VERSIONS, durable=False)
        migrate(self._connection, "runs", STEPS)

    def add(self, run: Run) -> Run:
        """Keep a run, or return the one of that id which is there already."""
        marks = ", ".join(f":{name}" for name in COLUMNS)
        with self._lock, transaction(self._connection) as connection:
            connection.execute(
                f"INSERT INTO runs ({', '.join(COLUMNS)}) VALUES ({marks}) ON CONFLICT DO NOTHING",
                row_of(run),
            )
            found = _find(connection, run.run_id)
        assert found is not None
        return found

    def get(self, run_id: str) -> Run | None:
        """Return a run, if there is one of that id."""
        with self._lock:
            return _find(self._connection, run_id)

    def move(self, run: Run, *, running_max: int = 0) -> Run | None:
        """Write a run that was changed from the version it carries; nothing when that has passed.

        A bound on how many may be running is held inside the same transaction.

        Raises:
            ImpossibleMoveError: when the table of moves has no such step.
        """
        with self._lock, transaction(self._connection) as connection:
            known = _find(connection, run.run_id)
            if known is None or known.version != run.version:
                return None
            check_move(known.state, run.state)
            if running_max and _count(connection, State.RUNNING) >= running_max:
                return None
            moved = replace(run, version=run.version + 1)
            changes = ", ".join(f"{name} = :{name}" for name in COLUMNS)
            connection.execute(f"UPDATE runs SET {changes} WHERE run_id = :run_id", row_of(moved))
        return moved

    def in_state(self, state: State) -> list[Run]:
        """Return all runs of a state, the one that has been in it longest first."""
        return self._all(
            "SELECT * FROM runs WHERE state = ? ORDER BY updated_at, run_id", (state.value,)
        )

    def page(
        self, tenant: str, *, state: State | None, limit: int, before: tuple[str, str] | None
    ) -> list[Run]:
        """Return runs of a tenant, newest first; ``before`` is the last one of the page before."""
        where, values = "tenant = ?", [tenant]
        if state is not None:
            where += " AND state = ?"
            values.append(state.value)
        if before is not None:
            where += " AND (created_at, run_id) < (?, ?)"
            values += before
        return self._all(
            f"SELECT * FROM runs WHERE {where} ORDER BY created_at DESC, run_id DESC LIMIT ?",
            (*values, limit),
        )

    def count_since(self, tenant: str, *, lineage: str, since: str) -> int:
        """Count the runs of a lineage that were asked for after an instant."""
        with self._lock:
            row = self._connection.execute(
                "SELECT count(*) AS n FROM runs"
                " WHERE tenant = ? AND lineage = ? AND created_at > ?",
                (tenant, lineage, since),
            ).fetchone()
        return int(row["n"])

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _all(self, sql: str, values: Sequence[str | int]) -> list[Run]:
        with self._lock:
            return [run_from(row) for row in self._connection.execute(sql, values).fetchall()]


def _find(connection: sqlite3.Connection, run_id: str) -> Run | None:
    row = connection.execute("SELECT * FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    return None if row is None else run_from(row)


def _count(connection: sqlite3.Connection, state: State) -> int:
    row = connection.execute("SELECT count(*) AS n FROM runs WHERE state = ?", (state.value,))
    return int(row.fetchone()["n"])
