"""Durations such as ``24h`` and ``7d``, and how many bars they are."""

import re

from .errors import InvalidInputError

SECONDS_OF = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_SHAPE = re.compile(r"([0-9]{1,9})(s|m|h|d|w)\Z")


def seconds_of(text: str) -> int:
    """Return the seconds of a duration.

    Raises:
        InvalidInputError: when the text is not a number and a unit of ``s m h d w``.
    """
    match = _SHAPE.match(text)
    if match is None:
        raise InvalidInputError(
            f"`{text[:40]}` is not a duration", help="write a number and a unit, such as `24h`"
        )
    return int(match[1]) * SECONDS_OF[match[2]]


def duration_text(seconds: int) -> str:
    """Write seconds in the largest unit that divides them."""
    for unit in ("w", "d", "h", "m"):
        if seconds >= SECONDS_OF[unit] and seconds % SECONDS_OF[unit] == 0:
            # Weeks read badly in a strategy: 14d says more than 2w.
            if unit == "w":
                continue
            return f"{seconds // SECONDS_OF[unit]}{unit}"
    return f"{seconds}s"
