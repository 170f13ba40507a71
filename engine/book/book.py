"""Everything a book is kept with, handed from step to step as one."""

from typing import TYPE_CHECKING, NamedTuple

from ...dsl.kernels import helper
from .places import LAST, UNITS

if TYPE_CHECKING:
    from ...dsl.kernels import Integers, Panel, Row

    Panels = tuple[Panel, ...]


class Book(NamedTuple):
    """The loop's arrays. Rows of the panel are ``t``; series and events begin at ``start``.

    ``market`` are opens, closes, marks at the open, marks at the close, funding rates and quote
    volumes, ``[time, instrument]``; an absent one has no rows. ``names`` are, by instrument, the
    settlement price (NaN: none), the lot, and then the totals written. ``rows`` are, by bar, the
    row of the weights that are traded (-1: none) and whether a listing has ended; then, by
    instrument, the first row without it.
    """

    market: "Panels"
    names: "Panel"
    terms: "Row"
    rows: "Integers"
    start: int
    room: "Panel"
    series: "Panel"
    events: "Panels"
    places: "Integers"
    counts: "Integers"


@helper
def held(book: Book) -> "Row":
    """Return the units held now; the first event is of nothing held."""
    units: Row = book.events[UNITS][book.counts[LAST]]
    return units
