"""What someone wants to see: fields of a dataset on a grid of bars, as they were known."""

from dataclasses import dataclass
from datetime import datetime

from ...core.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class PanelRequest:
    """Fields of the bars that open in ``[start, end)``.

    Without ``bar_seconds``: the bars that are stored. Without ``symbols``: all there are. With
    ``as_of``: what the records of the dataset said then, of the bars that were over; otherwise
    the dataset's snapshot, and the records where it has none. ``venue`` tells records apart.
    """

    dataset: str
    fields: tuple[str, ...]
    bar_seconds: int = 0
    start: datetime | None = None
    end: datetime | None = None
    as_of: datetime | None = None
    symbols: tuple[str, ...] = ()
    snapshot: str = ""
    venue: str = ""

    def __post_init__(self) -> None:
        """Refuse what no plan can be made of."""
        for instant in (self.start, self.end, self.as_of):
            if instant is not None and instant.tzinfo is None:
                raise InvalidInputError(
                    f"`{instant}` has no zone", help="give an aware instant in UTC"
                )
        if not self.fields:
            raise InvalidInputError("no field was asked for", help="name one, such as `close`")
        if self.bar_seconds < 0:
            raise InvalidInputError("a bar has a positive length", help="write `4h`")
        if self.as_of is not None and self.snapshot:
            raise InvalidInputError(
                "a snapshot is what it is at every instant", help="give `as_of` or a snapshot"
            )
