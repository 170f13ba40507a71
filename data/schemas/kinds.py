"""Which kinds of records there are."""

from collections.abc import Mapping
from types import MappingProxyType

from ...core.diagnostics import echo
from ...core.errors import NotFoundError
from ...core.nearest import nearest
from .bars import Bar
from .book import BookDelta, BookLevel, Quote
from .chain import ChainEvent, ChainMetric
from .derivatives import Funding, Liquidation, Mark, OpenInterest
from .derived import Factor, Group
from .instruments import Instrument
from .record import Record
from .trades import Trade

_ALL: tuple[type[Record], ...] = (
    Instrument,
    Bar,
    Trade,
    BookLevel,
    BookDelta,
    Quote,
    Funding,
    Mark,
    OpenInterest,
    Liquidation,
    ChainMetric,
    ChainEvent,
    Factor,
    Group,
)
KINDS: Mapping[str, type[Record]] = MappingProxyType({model.KIND: model for model in _ALL})


def model_of(kind: str) -> type[Record]:
    """Return the model of a kind.

    Raises:
        NotFoundError: when there is no such kind; names the closest one.
    """
    if kind in KINDS:
        return KINDS[kind]
    meant = nearest(kind, tuple(KINDS))
    raise NotFoundError(
        f"there is no kind of record `{echo(kind)}`",
        help=f"did you mean `{meant}`?" if meant else "kinds: " + ", ".join(KINDS),
    )


def version(kind: str) -> int:
    """Return the version of a kind's schema; a new column or meaning raises it."""
    return model_of(kind).VERSION
