"""Notes of a batch: what all variants say is said once, what some say with how many they are."""

import re
from collections import Counter
from collections.abc import Sequence

_FIGURE = re.compile(r"\d+(?:\.\d+)?")


def together(notes: Sequence[Sequence[str]]) -> list[str]:
    """Join the notes of finished variants, one sequence a variant.

    What all of them say comes first, in the order of the first one. Notes that differ in their
    figures alone are one: it stands with the figures of the first variant that has it.
    """
    total = len(notes)
    counts = Counter(note for said in notes for note in set(said))
    shared = [note for note in (notes[0] if notes else ()) if counts[note] == total]
    kinds: dict[str, set[str]] = {}
    firsts: dict[str, str] = {}
    variants: Counter[str] = Counter()
    for said in notes:
        own = [(_kind(note), note) for note in said if counts[note] < total]
        variants.update({kind for kind, _ in own})
        for kind, note in own:
            kinds.setdefault(kind, set()).add(note)
            firsts.setdefault(kind, note)
    some = [
        f"{variants[kind]} of {total} variants"
        f"{', each with its own figures' if len(kinds[kind]) > 1 else ''}: {first}"
        for kind, first in sorted(firsts.items(), key=lambda item: -variants[item[0]])
    ]
    return [*shared, *some]


def _kind(note: str) -> str:
    return _FIGURE.sub("#", note)
