"""Mutations that know words: bytes alone rarely get past the lexer."""

import random  # noqa: TID251  # Seeded, and started for each text: numpy starts slowly.
from collections.abc import Callable, Sequence

from alphaforge.tests.fuzz.corpus import pieces_of

Cut = list[str]
CHANGES_MAX = 4


class Splicer:
    """Makes new texts of pieces of known ones."""

    def __init__(self, texts: Sequence[str], words: Sequence[str]) -> None:
        """Keep what to splice from."""
        self._donors = [cut for cut in map(pieces_of, texts) if cut]
        self._words = list(words)
        self._changes: tuple[Callable[[Cut, random.Random], Cut], ...] = (
            self._replace,
            self._replace,
            self._insert,
            self._delete,
            self._repeat,
            self._swap,
            self._transplant,
            self._wrap,
        )

    def change(self, text: str, seed: int) -> str:
        """Return a near text; the same for the same seed."""
        draw = random.Random(seed)
        cut = pieces_of(text)
        for _ in range(draw.randint(1, CHANGES_MAX)):
            cut = draw.choice(self._changes)(cut, draw)
        return "".join(cut)

    def _replace(self, cut: Cut, draw: random.Random) -> Cut:
        if not cut:
            return self._insert(cut, draw)
        at = draw.randrange(len(cut))
        return [*cut[:at], draw.choice(self._words), *cut[at + 1 :]]

    def _insert(self, cut: Cut, draw: random.Random) -> Cut:
        at = draw.randint(0, len(cut))
        return [*cut[:at], draw.choice(self._words), *cut[at:]]

    def _delete(self, cut: Cut, draw: random.Random) -> Cut:
        start, end = _range(cut, draw)
        return [*cut[:start], *cut[end:]]

    def _repeat(self, cut: Cut, draw: random.Random) -> Cut:
        start, end = _range(cut, draw)
        return [*cut[:end], *cut[start:end] * draw.choice((1, 2, 70)), *cut[end:]]

    def _swap(self, cut: Cut, draw: random.Random) -> Cut:
        start, end = _range(cut, draw)
        return [*cut[:start], *cut[end : end + 3], *cut[start:end], *cut[end + 3 :]]

    def _transplant(self, cut: Cut, draw: random.Random) -> Cut:
        donor = draw.choice(self._donors)
        start, end = _range(donor, draw)
        at = draw.randint(0, len(cut))
        return [*cut[:at], *donor[start:end], *cut[at:]]

    def _wrap(self, cut: Cut, draw: random.Random) -> Cut:
        start, end = _range(cut, draw)
        return [*cut[:start], draw.choice(self._words), "(", *cut[start:end], ")", *cut[end:]]


def _range(cut: Cut, draw: random.Random) -> tuple[int, int]:
    start = draw.randint(0, len(cut))
    return start, min(len(cut), start + draw.choice((0, 1, 2, 5, 12)))
