"""Numbers, durations and days: the shapes they have, and what a wrong one was meant to be."""

import re

LITERALS = (
    ("DATE", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    ("VERSION", re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")),
    ("NUMBER", re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")),
    ("DURATION", re.compile(r"[0-9]{1,9}[smhdw]")),
    ("PERCENT", re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)%")),
    ("BP", re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)bp")),
)
# What a length of time is called elsewhere; a month has no fixed length.
UNITS = {
    **dict.fromkeys(("s", "S", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "T"), "m"),
    **dict.fromkeys(("h", "H", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "D", "day", "days"), "d"),
    **dict.fromkeys(("w", "W", "week", "weeks"), "w"),
}
_WITH_UNIT = re.compile(r"([0-9]{1,9})_?([A-Za-z]+)")
_WITH_MARKS = re.compile(r"[0-9]{1,3}(?:_[0-9]{3})+(?:\.[0-9]+)?")
_WITHOUT_END = re.compile(r"[0-9]+\.")
_BASIS_POINTS = re.compile(r"((?:[0-9]+\.)?[0-9]+)(?:bps|BP|BPS)")
# No unit has so many letters.
_TIMES = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-z]{3}[a-z0-9_]*)")


def literal_type(text: str) -> str:
    """Return the terminal of a literal, or nothing when it is none."""
    if text.isdigit():
        return "NUMBER"
    return next((type_ for type_, shape in LITERALS if shape.fullmatch(text)), "")


def meant_by(text: str) -> str:
    """Return the literal or product that a malformed literal stands for, or nothing."""
    if _WITH_MARKS.fullmatch(text):
        return text.replace("_", "")
    if _WITHOUT_END.fullmatch(text):
        return f"{text}0"
    if (points := _BASIS_POINTS.fullmatch(text)) is not None:
        return f"{points[1]}bp"
    timed = _WITH_UNIT.fullmatch(text)
    if timed is not None and timed[2] in UNITS:
        return f"{timed[1]}{UNITS[timed[2]]}"
    product = _TIMES.fullmatch(text)
    return f"{product[1]} * {product[2]}" if product is not None else ""
