"""Which characters a text may hold: ASCII, and in strings any that can be seen."""

import re
import unicodedata

from ..core.diagnostics import Fix, Span
from .faults import Faults

# Control, format (bidirectional, zero-width), surrogate, line and paragraph separators.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_ODD = re.compile(r"[^\x20-\x7e\t\n]")
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\\n]|\\["\\])*"|#[^\n]*')
# What editors and chat windows write in place of ASCII.
_LOOKALIKES = {
    "\u00a0": " ",
    "\u00d7": "*",
    "\u00f7": "/",
    "\u2010": "-",
    "\u2011": "-",
    "\u2012": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2018": '"',
    "\u2019": '"',
    "\u201c": '"',
    "\u201d": '"',
    "\u2026": "..",
    "\u2212": "-",
    "\u2260": "!=",
    "\u2264": "<=",
    "\u2265": ">=",
    "\u202f": " ",
    "\uff08": "(",
    "\uff09": ")",
    "\uff0c": ",",
}
REPORTED_MAX = 20


def report_characters(text: str, faults: Faults) -> bool:
    """Report what no text may hold; tell whether the text is clean.

    Unseen characters are refused everywhere, in strings and comments too: what a reviewer reads
    is what the compiler reads.
    """
    if text.isascii() and not _ODD.search(text.replace("\r\n", "\n")):
        return True
    in_string = _in_strings(text)
    reported = 0
    for match in _ODD.finditer(text):
        character, at = match[0], match.start()
        if character == "\r" and text.startswith("\n", at + 1):
            continue
        is_unseen = unicodedata.category(character) in _UNSEEN
        if not is_unseen and in_string[at]:
            continue
        _report(character, at, faults, is_unseen=is_unseen)
        reported += 1
        if reported == REPORTED_MAX:
            break
    return reported == 0


def _in_strings(text: str) -> bytearray:
    """Mark each position that lies in a string."""
    marks = bytearray(len(text))
    for match in _STRING_OR_COMMENT.finditer(text):
        if not match[0].startswith("#"):
            marks[match.start() : match.end()] = b"\1" * len(match[0])
    return marks


def _report(character: str, at: int, faults: Faults, *, is_unseen: bool) -> None:
    span = Span(at, at + 1)
    called = unicodedata.name(character, "control character")
    meant = _LOOKALIKES.get(character)
    if is_unseen:
        reason = "remove it: it cannot be seen, and could hide what the text does"
        faults.error(
            "AF105", f"U+{ord(character):04X} {called} is not allowed", span, reason, Fix(span, "")
        )
    elif meant is not None:
        faults.error(
            "AF105",
            f"U+{ord(character):04X} {called} is not ASCII",
            span,
            f"write `{meant}`",
            Fix(span, meant),
        )
    else:
        faults.error(
            "AF105",
            f"U+{ord(character):04X} {called} is not ASCII",
            span,
            "names, marks and comments are ASCII; other letters belong in strings",
        )
