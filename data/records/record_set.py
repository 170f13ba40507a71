"""What is told of a table of records, and of one write to it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecordSet:
    """One table: ``first`` and ``last`` are event times, RFC 3339 in UTC; empty: no rows."""

    kind: str
    dataset: str
    venues: tuple[str, ...]
    first: str
    last: str
    rows: int
    version: int
    bars: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Upserted:
    """What one upsert did: rows of new keys, revisions, rows known before; the version after."""

    inserted: int
    revised: int
    unchanged: int
    version: int
