"""Text of a websocket recorder: a line is ``receive time: message``, epoch seconds and JSON.

Lines that the recorder wrote of the connection itself (``wss://...``) and empty ones are passed
over; any other line that cannot be read is counted and its number kept.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

from ...core.errors import InvalidInputError, LimitError

TEXT_BYTES_MAX = 1024**3
_GZIP = b"\x1f\x8b"
_NANOSECONDS = 10**9


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came: its line, when the recorder had it (epoch ns), what it says."""

    line: int
    received_ns: int
    said: dict[str, Any]


@dataclass(slots=True)
class Unread:
    """Lines that were no message, by number from 1; filled while messages are read."""

    lines: list[int] = field(default_factory=list)


def text_of(payload: bytes) -> str:
    """Return the text of a payload, unpacked where it is gzip.

    Raises:
        InvalidInputError: when it is damaged or no UTF-8.
        LimitError: when it unpacks to more than a payload may hold.
    """
    try:
        return (_unpacked(payload) if payload.startswith(_GZIP) else payload).decode()
    except (gzip.BadGzipFile, zlib.error, EOFError, UnicodeDecodeError) as error:
        raise InvalidInputError(
            "the recorded text is cut off or damaged", help="download or record it again"
        ) from error


def _unpacked(payload: bytes) -> bytes:
    # Recorders append: one file may be several packed ones, end to end.
    with gzip.open(BytesIO(payload)) as packed:
        text = packed.read(TEXT_BYTES_MAX + 1)
    if len(text) > TEXT_BYTES_MAX:
        raise LimitError(
            f"the text unpacks to more than {TEXT_BYTES_MAX} bytes", help="split the file"
        )
    return text


def messages(lines: Iterable[str], unread: Unread) -> Iterator[Message]:
    """Yield the messages of a recording in order; what is none is added to ``unread``."""
    for number, line in enumerate(lines, start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("ws://", "wss://")):
            continue
        time, separator, text = stripped.partition(": ")
        try:
            # Decimal: a double has not the digits of a nanosecond.
            received = int(Decimal(time) * _NANOSECONDS)
            said = json.loads(text)
        except (InvalidOperation, ValueError, OverflowError, RecursionError):
            unread.lines.append(number)
            continue
        if separator and isinstance(said, dict):
            yield Message(number, received, said)
        else:
            unread.lines.append(number)
