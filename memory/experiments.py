"""The store of experiments: nothing tried is forgotten.

Written by the system only, and idempotent: an id stands for one experiment, whoever records it and
however often. A later attempt may turn a failure into a result, never a result into anything else.
"""

import sqlite3
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ..core.clock import Clock, to_text
from ..core.errors import NotFoundError
from ..core.principals import DEFAULT_TENANT
from ..core.sqlite import connect, transaction
from .deflate import Moments
from .experiment import Experiment
from .filters import Filters, conditions
from .rows import COLUMNS, from_row, to_row
from .schema import VERSIONS, migrate
from .sorting import Sort, order_by
from .trials import TrialCount, count_trial, trial_count

STEPS = (
    """
    CREATE TABLE experiments (
        id TEXT PRIMARY KEY,
        -- Grows with every insert and change: what a reader has seen is one number.
        changed INTEGER NOT NULL UNIQUE,
        kind TEXT NOT NULL, state TEXT NOT NULL, author TEXT NOT NULL, created_at TEXT NOT NULL,
        tenant TEXT NOT NULL, run_id TEXT NOT NULL, name TEXT NOT NULL, doc TEXT NOT NULL,
        text TEXT NOT NULL, canonical TEXT NOT NULL, tree TEXT NOT NULL,
        signal_fingerprint TEXT NOT NULL, strategy_fingerprint TEXT NOT NULL,
        run_fingerprint TEXT NOT NULL, dataset TEXT NOT NULL, snapshot TEXT NOT NULL,
        engine TEXT NOT NULL, bar_seconds INTEGER NOT NULL, window TEXT NOT NULL,
        operators TEXT NOT NULL, fields TEXT NOT NULL, settings TEXT NOT NULL,
        metrics TEXT NOT NULL, artifacts TEXT NOT NULL, parent TEXT NOT NULL, error TEXT NOT NULL
    ) STRICT;
    CREATE INDEX experiments_by_time ON experiments (tenant, kind, created_at);
    CREATE INDEX experiments_by_run ON experiments (tenant, run_fingerprint);
    CREATE INDEX experiments_by_signal ON experiments (tenant, signal_fingerprint);
    CREATE INDEX experiments_by_strategy ON experiments (tenant, strategy_fingerprint);
    CREATE INDEX experiments_by_data ON experiments (tenant, dataset);
    CREATE TABLE trials (
        tenant TEXT NOT NULL, strategy_fingerprint TEXT NOT NULL,
        snapshot TEXT NOT NULL, data_window TEXT NOT NULL,
        sharpe REAL,
        PRIMARY KEY (tenant, strategy_fingerprint, snapshot, data_window)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE trial_data (
        tenant TEXT NOT NULL, dataset TEXT NOT NULL, snapshot TEXT NOT NULL,
        PRIMARY KEY (tenant, dataset, snapshot)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE novelties (
        id TEXT PRIMARY KEY REFERENCES experiments (id),
        novelty REAL NOT NULL, nearest TEXT NOT NULL, version TEXT NOT NULL
    ) STRICT
    """,
)

MOMENTS = ("sharpe", "bars", "skew", "kurtosis")
# What a record may be replaced by: a higher rank, or another failure with newer last words.
RANKS = {"completed": 2, "failed": 1, "cancelled": 1}


class Experiments:
    """One SQLite connection, used by one thread at a time."""

    def __init__(self, control_db: Path, clock: Clock) -> None:
        """Open the store, bring its tables up to date, and keep the clock that dates records."""
        self._clock = clock
        self._lock = threading.RLock()
        self._connection = connect(control_db, VERSIONS, durable=False)
        migrate(self._connection, "memory", STEPS)

    def record(self, experiment: Experiment) -> None:
        """Keep what happened; recording the same again changes nothing."""
        if not experiment.created_at:
            experiment = replace(experiment, created_at=to_text(self._clock.now()))
        with self._lock, transaction(self._connection) as connection:
            known = _find(connection, "id = ?", (experiment.id,))
            if known is not None and not _may_replace(known, experiment):
                return
            if known is not None:
                # When it was first tried, and by whom, is history that a retry does not rewrite.
                experiment = replace(
                    experiment,
                    created_at=known.created_at,
                    author=known.author,
                    parent=known.parent,
                )
            _write(connection, experiment)
            count_trial(connection, experiment)

    def begin(self, experiment: Experiment) -> None:
        """Count a run among the trials as it starts: whatever becomes of it, it was one."""
        with self._lock, transaction(self._connection) as connection:
            count_trial(connection, experiment)

    def get(self, experiment_id: str, tenant: str = DEFAULT_TENANT) -> Experiment:
        """Return one experiment of a tenant.

        Raises:
            NotFoundError: when the tenant has none of that id.
        """
        with self._lock:
            found = _find(self._connection, "id = ? AND tenant = ?", (experiment_id, tenant))
        if found is None:
            raise NotFoundError(
                f"there is no experiment `{experiment_id[:80]}`",
                help="`search` lists the experiments there are",
                next="search",
            )
        return found

    def get_many(self, ids: Sequence[str], tenant: str = DEFAULT_TENANT) -> list[Experiment]:
        """Return the experiments of these ids that the tenant has, in the order of the ids."""
        marks = ", ".join("?" * len(ids))
        rows = self._all(
            f"SELECT * FROM experiments WHERE tenant = ? AND id IN ({marks})", (tenant, *ids)
        )
        found = {row["id"]: from_row(row) for row in rows}
        return [found[key] for key in ids if key in found]

    def by_run_fingerprint(
        self, run_fingerprint: str, tenant: str = DEFAULT_TENANT
    ) -> Experiment | None:
        """Return the experiment of a run, if it was recorded."""
        with self._lock:
            return _find(
                self._connection,
                "run_fingerprint = ? AND tenant = ? AND kind = 'run'",
                (run_fingerprint, tenant),
            )

    def page(  # noqa: PLR0913  # The parts of one question.
        self,
        filters: Filters,
        *,
        tenant: str = DEFAULT_TENANT,
        sort: Sort,
        limit: int,
        offset: int = 0,
        seen: int | None = None,
        ids: Sequence[str] | None = None,
    ) -> list[Experiment]:
        """Return a page in an order, of all or of the given ids.

        ``seen`` is a change number: later records are held back, so that pages fit together.
        """
        where, values = conditions(filters, tenant)
        if ids is not None:
            where += f" AND id IN ({', '.join('?' * len(ids))})"
            values += ids
        rows = self._all(
            "SELECT experiments.* FROM experiments LEFT JOIN novelties USING (id)"
            f" WHERE {where} AND changed <= ? ORDER BY {order_by(sort)} LIMIT ? OFFSET ?",
            (*values, self.changed() if seen is None else seen, limit, offset),
        )
        return [from_row(row) for row in rows]

    def moments(
        self,
        filters: Filters,
        *,
        tenant: str = DEFAULT_TENANT,
        seen: int,
        ids: Sequence[str] | None = None,
    ) -> list[Moments]:
        """Return what the Sharpe ratios of experiments are judged by, where they have all of it."""
        where, values = conditions(filters, tenant)
        if ids is not None:
            where += f" AND id IN ({', '.join('?' * len(ids))})"
            values += ids
        columns = ", ".join(f"json_extract(metrics, '$.{name}') AS {name}" for name in MOMENTS)
        rows = self._all(
            f"SELECT id, dataset, bar_seconds, {columns} FROM experiments"
            f" WHERE {where} AND changed <= ?",
            (*values, seen),
        )
        whole = [row for row in rows if None not in tuple(row) and row["bar_seconds"] > 0]
        return [Moments(*row) for row in whole]

    def count(self, filters: Filters, tenant: str = DEFAULT_TENANT, seen: int | None = None) -> int:
        """Count the experiments that the filters leave."""
        where, values = conditions(filters, tenant)
        row = self._all(
            f"SELECT count(*) AS n FROM experiments WHERE {where} AND changed <= ?",
            (*values, self.changed() if seen is None else seen),
        )[0]
        return int(row["n"])

    def trials(self, tenant: str = DEFAULT_TENANT, dataset: str = "") -> TrialCount:
        """Count the distinct trials of a tenant, on one dataset or on all."""
        with self._lock:
            return trial_count(self._connection, tenant, dataset)

    def changed(self) -> int:
        """Return the number of the newest change; it only grows."""
        return int(self._all("SELECT coalesce(max(changed), 0) AS n FROM experiments", ())[0]["n"])

    def changes(self, after: int, limit: int) -> list[tuple[int, Experiment]]:
        """Return the next changes in their order, for whoever keeps an index."""
        rows = self._all(
            "SELECT * FROM experiments WHERE changed > ? ORDER BY changed LIMIT ?", (after, limit)
        )
        return [(int(row["changed"]), from_row(row)) for row in rows]

    def size(self, until: int | None = None) -> int:
        """Count all records of all tenants, or those not changed after a change number."""
        row = self._all(
            "SELECT count(*) AS n FROM experiments WHERE changed <= ?",
            (self.changed() if until is None else until,),
        )[0]
        return int(row["n"])

    def unrated(self, version: str, limit: int) -> list[str]:
        """Return the oldest runs whose novelty this recipe has not rated."""
        rows = self._all(
            "SELECT id FROM experiments LEFT JOIN novelties USING (id)"
            " WHERE kind = 'run' AND version IS NOT ? ORDER BY changed LIMIT ?",
            (version, limit),
        )
        return [row["id"] for row in rows]

    def rate(self, novelties: Mapping[str, tuple[float, str]], version: str) -> None:
        """Keep for each run how far its nearest earlier one is, and which that is."""
        with self._lock, transaction(self._connection) as connection:
            connection.executemany(
                "INSERT INTO novelties (id, novelty, nearest, version) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET novelty = excluded.novelty,"
                " nearest = excluded.nearest, version = excluded.version",
                [(key, novelty, near, version) for key, (novelty, near) in novelties.items()],
            )

    def novelty(self, experiment_id: str) -> tuple[float, str] | None:
        """Return how far the nearest earlier run is, and which it is, once that was rated."""
        rows = self._all("SELECT novelty, nearest FROM novelties WHERE id = ?", (experiment_id,))
        return (float(rows[0]["novelty"]), rows[0]["nearest"]) if rows else None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def _all(self, sql: str, values: Iterable[str | int | float]) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, tuple(values)).fetchall()


def _find(connection: sqlite3.Connection, where: str, values: Sequence[str]) -> Experiment | None:
    row = connection.execute(f"SELECT * FROM experiments WHERE {where}", values).fetchone()
    return None if row is None else from_row(row)


def _may_replace(known: Experiment, new: Experiment) -> bool:
    old_rank, new_rank = RANKS.get(known.state, 0), RANKS.get(new.state, 0)
    if new_rank != old_rank:
        return new_rank > old_rank
    return known.state != "completed" and (known.state, known.error) != (new.state, new.error)


def _write(connection: sqlite3.Connection, experiment: Experiment) -> None:
    columns = ", ".join(COLUMNS)
    marks = ", ".join(f":{name}" for name in COLUMNS)
    changes = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "id")
    connection.execute(
        f"INSERT INTO experiments ({columns}, changed) VALUES"
        f" ({marks}, (SELECT coalesce(max(changed), 0) + 1 FROM experiments))"
        f" ON CONFLICT (id) DO UPDATE SET {changes}, changed = excluded.changed",
        to_row(experiment),
    )
