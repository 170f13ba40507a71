"""Tables of a control store change by numbered steps, each of which runs once."""

import sqlite3
from collections.abc import Sequence

from ..core.errors import BrokenError
from ..core.sqlite import transaction

VERSIONS = """
CREATE TABLE IF NOT EXISTS schema_versions (
    area TEXT PRIMARY KEY,
    version INTEGER NOT NULL
) STRICT
"""


def migrate(connection: sqlite3.Connection, area: str, steps: Sequence[str]) -> None:
    """Run the steps of one area that this store has not seen; a step never changes once shipped.

    Raises:
        BrokenError: when a newer AlphaForge has written the store.
    """
    with transaction(connection):
        connection.execute(VERSIONS)
        found = connection.execute(
            "SELECT version FROM schema_versions WHERE area = ?", (area,)
        ).fetchone()
        version = 0 if found is None else int(found["version"])
        if version > len(steps):
            raise BrokenError(
                f"`{area}` is at schema {version}, this AlphaForge knows {len(steps)}",
                help="install the AlphaForge that wrote this home, or a newer one",
            )
        if version == len(steps):
            return
        for step in steps[version:]:
            for statement in step.split(";"):
                if statement.strip():
                    connection.execute(statement)
        connection.execute(
            "INSERT INTO schema_versions (area, version) VALUES (?, ?)"
            " ON CONFLICT (area) DO UPDATE SET version = excluded.version",
            (area, len(steps)),
        )
