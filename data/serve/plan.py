"""How one request is answered: which files and columns, and what is made of their rows."""

from dataclasses import dataclass
from datetime import datetime

from ..card import DatasetCard
from ..records.delta import File
from .request import PanelRequest

# The kind of the table that holds a dataset's snapshots; records have kinds of their own.
SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class DataFile:
    """One Parquet file; ``record`` tells more of those that hold records."""

    path: str
    month: str
    bytes: int
    record: File | None = None


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files of one version of one table."""

    kind: str
    version: int
    files: tuple[DataFile, ...]


@dataclass(frozen=True, slots=True)
class Stored:
    """What the planner must know of a dataset: its card, its tables and its first and last bar.

    ``first`` and ``last`` are bar opens in epoch seconds; ``last`` may be off for records, whose
    late rows an earlier instant did not know.
    """

    card: DatasetCard
    tables: tuple[TableFiles, ...]
    first: int
    last: int
    is_records: bool = False
    venue: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One scan: rows with events in ``[start, stop)`` (epoch seconds), of the named columns.

    Of records: of each key the latest revision that was available at ``as_of``.
    """

    kind: str
    version: int
    files: tuple[DataFile, ...]
    pruned: tuple[DataFile, ...]
    columns: tuple[str, ...]
    start: int
    stop: int
    as_of: datetime | None = None
    symbols: tuple[str, ...] = ()
    venue: str = ""
    bar_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is done for one panel; ``card`` describes the stored bars.

    ``start`` and ``stop`` bound the opens of stored bars, both on the grid of the panel's bars.
    ``resampling`` says for each stored field how its cells become one; empty: bars stay.
    """

    request: PanelRequest
    card: DatasetCard
    is_records: bool
    bar_seconds: int
    start: int
    stop: int
    last: int
    reads: tuple[Read, ...]
    fields: tuple[str, ...]
    derived: tuple[str, ...]
    resampling: tuple[tuple[str, str], ...] = ()

    @property
    def stored_seconds(self) -> int:
        """Return the length of the stored bars."""
        return self.card.bar_seconds

    @property
    def per_bar(self) -> int:
        """Return how many stored bars one bar of the panel holds."""
        return self.bar_seconds // self.stored_seconds
