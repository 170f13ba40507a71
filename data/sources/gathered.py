"""Rows of several kinds of record, gathered one at a time and handed on as tables."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import polars as pl
import pyarrow as pa

from ...core.diagnostics import echo
from ..ingest.fetch import ChangedSchemaError
from ..schemas import conformed
from .recorded import Message

_INSTANTS = ("event_at", "available_at")


class Gathered:
    """Rows by kind; each row is what its kind's schema names, missing columns are null."""

    def __init__(self) -> None:
        """Begin empty."""
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def add(self, kind: str, event_ns: int, received_ns: int, **values: object) -> None:
        """Add a row that happened at one instant and was received at another, both epoch ns.

        It is available from the later of both: a recorder whose clock runs behind the venue's
        cannot have known what had not happened.
        """
        row = {**values, "received_ns": received_ns}
        row["event_at"], row["available_at"] = event_ns, max(event_ns, received_ns)
        self._rows[kind].append(row)

    def tables(self) -> Iterator[tuple[str, pa.Table]]:
        """Return each kind with its rows, in its schema; kinds ascending."""
        for kind, rows in sorted(self._rows.items()):
            frame = pl.from_dicts(rows, infer_schema_length=None).with_columns(
                pl.from_epoch(name, "ns").dt.replace_time_zone("UTC") for name in _INSTANTS
            )
            # When a bar was received is of no account: it says itself when it is over.
            own = frame.drop("received_ns") if kind == "bars" else frame
            yield kind, conformed(kind, own.to_arrow())


def gathered(messages: Iterable[Message], take: Callable[[Gathered, Message], None]) -> Gathered:
    """Return the records of messages, each given to ``take``, which adds what it is to the rows.

    Raises:
        ChangedSchemaError: when a known message has not the fields that it should.
    """
    out = Gathered()
    for message in messages:
        try:
            take(out, message)
        except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise ChangedSchemaError(
                f"the message of line {message.line} has not the fields that it should: "
                f"{type(error).__name__} {echo(str(error))}",
                help="the venue changed its stream, or the line is damaged: take it out",
            ) from error
    return out
