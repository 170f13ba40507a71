"""Text by agents and data, made harmless to look at: bounded, one line, nothing hidden in it."""

import unicodedata

CHARS_MAX = 2000
# Control, format (bidi, zero width), surrogate, private use, separators of lines.
HIDING = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def inert(text: str, chars_max: int = CHARS_MAX) -> str:
    """Return the text on one line, with what does not show as itself written as an escape."""
    cut = text[:chars_max]
    shown = "".join(_shown(letter) for letter in cut)
    return shown if len(text) <= chars_max else f"{shown}... ({len(text)} characters)"


def _shown(letter: str) -> str:
    if unicodedata.category(letter) in HIDING:
        return f"\\u{ord(letter):04x}"
    return letter
