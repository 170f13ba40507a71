"""A cursor says where the next page starts; it is bound to its question and gives no right."""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2b

from ..core.errors import InvalidInputError

CURSOR_MAX = 200


@dataclass(frozen=True, slots=True)
class Cursor:
    """``seen`` is the store's change number at the first page: later records do not shift pages."""

    offset: int
    seen: int


def question_hash(*parts: object) -> str:
    """Return what tells one question from another."""
    return blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def cursor_text(cursor: Cursor, question: str) -> str:
    """Write a cursor for the next page of a question."""
    raw = json.dumps([question, cursor.offset, cursor.seen], separators=(",", ":"))
    return urlsafe_b64encode(raw.encode()).decode().rstrip("=")


def cursor_from(text: str, question: str) -> Cursor:
    """Read a cursor.

    Raises:
        InvalidInputError: when it is no cursor, or one of another question.
    """
    found = _read(text)
    if found is None:
        raise InvalidInputError("the cursor cannot be read", help="pass `next_cursor` unchanged")
    asked, offset, seen = found
    if asked != question:
        raise InvalidInputError(
            "the cursor belongs to another question",
            help="repeat the same words, filters and sort, or leave the cursor out",
        )
    return Cursor(offset, seen)


def _read(text: str) -> tuple[str, int, int] | None:
    if len(text) > CURSOR_MAX:
        return None
    try:
        found = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        return None
    if not isinstance(found, list) or [type(item) for item in found] != [str, int, int]:
        return None
    return (found[0], found[1], found[2]) if found[1] >= 0 else None
