"""The one way to open a control store: SQLite in WAL mode, writes begun at once."""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_MS = 10_000


def connect(path: Path, schema: str, *, durable: bool) -> sqlite3.Connection:
    """Open a store and create what its schema lacks; ``durable`` survives power loss.

    Connections may be used from any thread, by one thread at a time.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(
        path, timeout=BUSY_MS / 1000, isolation_level=None, check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
    _write_ahead(connection, path)
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
    with transaction(connection):
        for statement in schema.split(";"):
            if statement.strip():
                connection.execute(statement)
    return connection


def _write_ahead(connection: sqlite3.Connection, path: Path) -> None:
    """Switch a new file to WAL, one opener at a time: SQLite does not let a second one wait."""
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        os.close(folder)


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Run a block as one write: all of it or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
