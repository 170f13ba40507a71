"""The store of runs: every move is one compare-and-set on the version that was read."""

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    """
    ALTER TABLE runs ADD COLUMN batch TEXT NOT NULL DEFAULT '';
    ALTER TABLE runs ADD COLUMN batch_attempt INTEGER NOT NULL DEFAULT 0;
    CREATE TABLE batches (
        batch TEXT PRIMARY KEY, tenant TEXT NOT NULL, attempt INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE batch_runs (
        batch TEXT NOT NULL, place INTEGER NOT NULL, run_id TEXT NOT NULL, name TEXT NOT NULL,
        PRIMARY KEY (batch, place)
    ) STRICT, WITHOUT ROWID
    """,
)
# A batch has one worker, however many runs that one computes.
WORKER = "CASE batch WHEN '' THEN run_id ELSE batch END"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run stands, without what it is."""

    run_id: str
    attempt: int
    batch: str
    batch_attempt: int

    @property
    def worker(self) -> str:
        """Name what computes it: its batch, or else itself."""
        return self.batch or self.run_id


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
            return _write(connection, run)

    def move_all(self, runs: Sequence[Run], *, running_max: int = 0) -> list[Run]:
        """Move runs of one batch as ``move`` does, in one transaction; return those that moved."""
        moved = []
        with self._lock, transaction(self._connection) as connection:
            if running_max and _count(connection, State.RUNNING) >= running_max:
                return []
            for run in runs:
                known = _find(connection, run.run_id)
                if known is not None and known.version == run.version:
                    check_move(known.state, run.state)
                    moved.append(_write(connection, run))
        return moved

    def attach(self, run_id: str, names: Sequence[str]) -> None:
        """Add names to a run's artifacts; what it came to, and its version, stay as they are."""
        with self._lock, transaction(self._connection) as connection:
            known = _find(connection, run_id)
            assert known is not None
            artifacts = tuple(dict.fromkeys((*known.artifacts, *names)))
            connection.execute(
                "UPDATE runs SET artifacts = :artifacts WHERE run_id = :run_id",
                row_of(replace(known, artifacts=artifacts)),
            )

    def add_all(self, runs: Sequence[Run]) -> list[Run]:
        """Keep runs as ``add`` does, in one transaction."""
        marks = ", ".join(f":{name}" for name in COLUMNS)
        found = []
        with self._lock, transaction(self._connection) as connection:
            for run in runs:
                connection.execute(
                    f"INSERT INTO runs ({', '.join(COLUMNS)}) VALUES ({marks})"
                    " ON CONFLICT DO NOTHING",
                    row_of(run),
                )
                kept = _find(connection, run.run_id)
                assert kept is not None
                found.append(kept)
        return found

    def places(self, state: State) -> list[Place]:
        """Return where the runs of a state stand, the one that has been in it longest first."""
        return self._places("state = ? ORDER BY updated_at, run_id", (state.value,))

    def keep_batch(self, batch: str, tenant: str, named: Sequence[tuple[str, str]]) -> None:
        """Keep which runs a batch is of, by name and id, in their order."""
        with self._lock, transaction(self._connection) as connection:
            connection.execute(
                "INSERT INTO batches (batch, tenant, attempt) VALUES (?, ?, 0)"
                " ON CONFLICT DO NOTHING",
                (batch, tenant),
            )
            connection.executemany(
                "INSERT INTO batch_runs (batch, place, run_id, name) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                [(batch, place, run_id, name) for place, (name, run_id) in enumerate(named)],
            )

    def next_attempt(self, batch: str) -> int:
        """Count one more worker of a batch, and return its number."""
        with self._lock, transaction(self._connection) as connection:
            connection.execute("UPDATE batches SET attempt = attempt + 1 WHERE batch = ?", (batch,))
            row = connection.execute(
                "SELECT attempt FROM batches WHERE batch = ?", (batch,)
            ).fetchone()
        return int(row["attempt"])

    def newest_attempt(self, batch: str) -> int:
        """Return the number of a batch's newest worker; 0 before the first."""
        with self._lock:
            row = self._connection.execute(
                "SELECT attempt FROM batches WHERE batch = ?", (batch,)
            ).fetchone()
        return 0 if row is None else int(row["attempt"])

    def batch(self, batch: str, tenant: str) -> tuple[int, dict[str, int]] | None:
        """Return the newest attempt and the count of runs by state, if the tenant has the batch."""
        with self._lock:
            row = self._connection.execute(
                "SELECT attempt FROM batches WHERE batch = ? AND tenant = ?", (batch, tenant)
            ).fetchone()
            counts = self._connection.execute(
                "SELECT state, count(*) AS n FROM batch_runs JOIN runs USING (run_id)"
                " WHERE batch_runs.batch = ? GROUP BY state",
                (batch,),
            ).fetchall()
        if row is None:
            return None
        return int(row["attempt"]), {count["state"]: int(count["n"]) for count in counts}

    def batch_runs(self, batch: str) -> list[tuple[str, Run]]:
        """Return the runs of a batch by name, in their order."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT batch_runs.name AS name, runs.* FROM batch_runs JOIN runs USING (run_id)"
                " WHERE batch_runs.batch = ? ORDER BY place",
                (batch,),
            ).fetchall()
        return [(row["name"], run_from(row)) for row in rows]

    def queued(self, batch: str, attempt: int) -> list[Run]:
        """Return the runs that wait for one worker of a batch, in the order of its variants."""
        return self._all(
            "SELECT runs.* FROM runs JOIN batch_runs USING (batch, run_id)"
            " WHERE batch = ? AND batch_attempt = ? AND state = ? ORDER BY place",
            (batch, attempt, State.QUEUED.value),
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

    def _places(self, where: str, values: Sequence[str]) -> list[Place]:
        with self._lock:
            rows = self._connection.execute(
                f"SELECT run_id, attempt, batch, batch_attempt FROM runs WHERE {where}", values
            ).fetchall()
        return [Place(*row) for row in rows]

    def _all(self, sql: str, values: Sequence[str | int]) -> list[Run]:
        with self._lock:
            return [run_from(row) for row in self._connection.execute(sql, values).fetchall()]


def _find(connection: sqlite3.Connection, run_id: str) -> Run | None:
    row = connection.execute("SELECT * FROM runs WHERE run_id = ?", (run_id,)).fetchone()
    return None if row is None else run_from(row)


def _write(connection: sqlite3.Connection, run: Run) -> Run:
    moved = replace(run, version=run.version + 1)
    changes = ", ".join(f"{name} = :{name}" for name in COLUMNS)
    connection.execute(f"UPDATE runs SET {changes} WHERE run_id = :run_id", row_of(moved))
    return moved


def _count(connection: sqlite3.Connection, state: State) -> int:
    """Count the workers whose runs are in a state."""
    row = connection.execute(
        f"SELECT count(DISTINCT {WORKER}) AS n FROM runs WHERE state = ?", (state.value,)
    )
    return int(row.fetchone()["n"])
