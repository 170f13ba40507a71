"""The closest known name to a mistyped one."""

import difflib
from collections.abc import Iterable

SIMILARITY_MIN = 0.6
# Similarity is twice what is shared over both lengths: a longer word is below the least there is.
LONGER_MAX = 2 / SIMILARITY_MIN - 1


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the closest known name, or nothing when none is close."""
    names = sorted(known)
    if len(word) > LONGER_MAX * max(map(len, names), default=0):
        # It shares too little with any of them, and to find that out would take its square.
        return None
    found = difflib.get_close_matches(word, names, n=1, cutoff=SIMILARITY_MIN)
    return found[0] if found else None
