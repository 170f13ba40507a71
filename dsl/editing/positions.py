"""Places in a text as editors count them: lines, and columns in units of an encoding.

UTF-16 is what every editor counts in; some agree on UTF-8 or on whole characters (UTF-32).

Lines end with a line feed, a carriage return, or both. A place outside the text is the nearest one
inside it, so that no message of an editor is wrong enough to stop a server.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...core.diagnostics import Span

UTF_16 = "utf-16"
_LINE_END = re.compile(r"\r\n|\r|\n")
# Characters above it take two units in UTF-16.
_ONE_UNIT_MAX = 0xFFFF


def _utf_16_units(text: str) -> int:
    if text.isascii():
        return len(text)
    return len(text) + sum(ord(letter) > _ONE_UNIT_MAX for letter in text)


def _utf_8_units(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


_COUNTS: Mapping[str, Callable[[str], int]] = {
    UTF_16: _utf_16_units,
    "utf-8": _utf_8_units,
    "utf-32": len,
}


class Position(NamedTuple):
    """A line and a column, both from 0."""

    line: int
    character: int


class Lines:
    """The lines of one text."""

    def __init__(self, text: str, encoding: str = UTF_16) -> None:
        """Find where lines start and end."""
        self.text = text
        self._count = _COUNTS.get(encoding, _utf_16_units)
        ends = [(match.start(), match.end()) for match in _LINE_END.finditer(text)]
        self._starts = [0, *(end for _, end in ends)]
        self._ends = [*(start for start, _ in ends), len(text)]

    def position(self, offset: int) -> Position:
        """Return the place of a character."""
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset) - 1
        return Position(line, self._count(self.text[self._starts[line] : offset]))

    def offset(self, line: int, character: int) -> int:
        """Return the character at a place; inside a character it is that one's start."""
        if line < 0:
            return 0
        if line >= len(self._starts):
            return len(self.text)
        start, end = self._starts[line], self._ends[line]
        row = self.text[start:end]
        if row.isascii():
            return start + max(0, min(character, len(row)))
        left = character
        for at, letter in enumerate(row):
            left -= self._count(letter)
            if left < 0:
                return start + at
        return end

    def span(self, start: Position, end: Position) -> Span:
        """Return the characters between two places, in whatever order they come."""
        first, last = sorted((self.offset(*start), self.offset(*end)))
        return Span(first, last)


def replaced(text: str, span: Span, new: str) -> str:
    """Return a text with a part of it written anew."""
    return text[: span.start] + new + text[span.end :]
