"""What an engine must do: read the rows of one scan; panels are made in one place for all."""

from typing import Protocol

import polars as pl

from .plan import Read


class Backend(Protocol):
    """One engine that reads."""

    name: str

    def rows(self, read: Read) -> pl.DataFrame:
        """Return the columns of a read, in any order of rows.

        ``ts`` in epoch seconds, ``event_at`` and others as instants in UTC, to the microsecond.
        """
        ...
