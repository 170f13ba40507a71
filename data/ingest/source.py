"""What a source is: requests planned from what is wanted, and payloads read into tables."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an ingest asks of a source: events in ``[start, end)``, as seen at ``now``, all UTC.

    ``streams`` are the source's own names of what it offers, such as ``bars`` or ``agg_trades``.
    """

    dataset: str
    streams: tuple[str, ...]
    symbols: tuple[str, ...]
    start: datetime
    end: datetime
    now: datetime
    bar_seconds: int = 3600


@dataclass(frozen=True, slots=True)
class Step:
    """One request: ``key`` names it for ever within its source, ``target`` says where to ask.

    ``final_at`` is the instant from which its answer no longer changes, ``overdue_at`` the one from
    which an absence is believed to last: what came before is asked for again by the next ingest.
    ``body`` not empty makes it a POST.
    """

    key: str
    target: str
    stream: str
    symbol: str
    start: datetime
    end: datetime
    final_at: datetime
    overdue_at: datetime
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    bar_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one kind of record; bars of one length, other kinds of none."""

    kind: str
    venue: str
    table: "pa.Table"
    bar_seconds: int = 0


class Source(Protocol):
    """A place that data come from, without the network: requests out, payloads in."""

    name: str
    streams: Mapping[str, str]  # what it offers, and the kind of record each becomes

    def plan(self, wanted: Wanted) -> Iterator[Step]:
        """Give the requests that cover what is wanted; equal requests have equal keys."""
        ...

    def parse(self, step: Step, payload: bytes) -> list[Batch]:
        """Read the answer to a request; pure, so that tables are rebuilt from kept payloads.

        Raises:
            InvalidInputError: when the payload is not what its source promises.
        """
        ...


@runtime_checkable
class Paged(Protocol):
    """A source whose answers say what to ask next."""

    def following(self, step: Step, payload: bytes) -> Sequence[Step]:
        """Give the requests that the answer to one asks for."""
        ...


@runtime_checkable
class Branching(Protocol):
    """A source that has other ways to what is absent or too large."""

    def instead(self, step: Step) -> Sequence[Step]:
        """Give the requests that stand for one that has no answer."""
        ...
