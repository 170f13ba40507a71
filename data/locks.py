"""One writer a dataset, across processes, with a bounded wait."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import ConflictError
from ..core.sqlite import connect


@contextmanager
def only_writer(folder: Path, name: str) -> Iterator[None]:
    """Hold the dataset's lock; the system frees it when the holder dies.

    Raises:
        ConflictError: when another import holds it for longer than a store waits (10 s).
    """
    # SQLite's write lock waits with a limit and dies with its holder; flock waits for ever.
    try:
        connection = connect(folder / f"{name}.db", "", durable=False)
    except sqlite3.OperationalError as error:
        raise _busy(name) from error
    try:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise _busy(name) from error
        yield
    finally:
        connection.close()


def _busy(name: str) -> ConflictError:
    return ConflictError(
        f"another import of `{name}` is still writing", help="wait for it, then import again"
    )
