"""The engine's own loops that are compiled like kernels, and what they take.

They also run as plain Python, with the same bytes, for those who want to see what happens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from .book import loop, spread


class Kind(StrEnum):
    """What an argument of a loop is; arrays are C-contiguous."""

    MATRIX = "float64 [rows, columns]"
    ROW = "float64 [columns]"
    TABLE = "int64 [rows, columns]"
    LINE = "int64 [columns]"
    COUNT = "int64"
    MARKET = "six matrices"
    EVENTS = "five matrices"


@dataclass(frozen=True, slots=True)
class Loop:
    """A function to compile and the kinds of its arguments."""

    name: str
    function: Callable[..., None]
    arguments: tuple[Kind, ...]


BOOK = Loop(
    "simulator",
    loop.run,
    (
        Kind.MARKET,
        Kind.MATRIX,
        Kind.MATRIX,
        Kind.ROW,
        Kind.TABLE,
        Kind.COUNT,
        Kind.MATRIX,
        Kind.EVENTS,
        Kind.TABLE,
        Kind.LINE,
    ),
)
SPREAD = Loop(
    "book's matrices",
    spread.spread,
    (
        Kind.MARKET,
        Kind.MATRIX,
        Kind.TABLE,
        Kind.COUNT,
        Kind.MATRIX,
        Kind.EVENTS,
        Kind.TABLE,
        Kind.LINE,
        *(4 * (Kind.MATRIX,)),
    ),
)
LOOPS = (BOOK, SPREAD)
