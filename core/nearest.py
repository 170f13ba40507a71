"""The closest known name to a mistyped one."""

import difflib
from collections.abc import Iterable

SIMILARITY_MIN = 0.6


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the closest known name, or nothing when none is close."""
    found = difflib.get_close_matches(word, sorted(known), n=1, cutoff=SIMILARITY_MIN)
    return found[0] if found else None
