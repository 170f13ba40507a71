"""Text in, text out: pairs in ``tests/golden``, one file a promise.

A file is entries between lines of ``===``; an entry is a title after ``# ``, the text that goes
in, a line of ``---``, and the text that must come out. ``make golden`` writes the second halves.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent / "golden"
ENTRY, HALF = "\n===\n", "\n---\n"


@dataclass(frozen=True)
class Pair:
    title: str
    text: str
    expected: str


def pairs(name: str) -> list[Pair]:
    """Read a golden file."""
    content = (GOLDEN / name).read_text(encoding="utf-8").strip("\n")
    return [_pair(entry) for entry in content.split(ENTRY)]


def _pair(entry: str) -> Pair:
    head, _, expected = f"{entry}\n".partition(HALF)
    title, _, text = head.partition("\n")
    assert title.startswith("# "), f"an entry lacks its title: {head[:60]!r}"
    return Pair(title[2:], text, expected.removesuffix("\n"))


def check(name: str, answer: Callable[[str], str]) -> None:
    """Compare all answers with the file, or write them when golden files are being rewritten."""
    found = [(pair, answer(pair.text)) for pair in pairs(name)]
    if os.environ.get("ALPHAFORGE_GOLDEN") == "rewrite":  # noqa: TID251  # Set by `make golden`.
        entries = [f"# {pair.title}\n{pair.text}{HALF}{told}" for pair, told in found]
        (GOLDEN / name).write_text(f"{ENTRY.join(entries)}\n", encoding="utf-8")
        return
    wrong = [
        f"{pair.title}\n{told}\nis not\n{pair.expected}"
        for pair, told in found
        if told != pair.expected
    ]
    assert not wrong, "\n\n".join(wrong)
