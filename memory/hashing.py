"""Words as a vector without any model: hashed words and character n-grams.

It knows no synonyms. It finds shared words, parts of words and misspelt ones, starts at once, and
gives the same numbers everywhere.
"""

import math
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

TEXT_CHARACTERS_MAX = 4_000
WORD_WEIGHT = 1.0
GRAM_WEIGHT = 0.25
GRAM_LENGTHS = (3, 4)
_WORD = re.compile(r"[a-z0-9]+")
# Spreads the checksum's bits before they are cut down to a few hundred cells.
_SPREAD = 0x9E3779B1
_MASK = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class HashingEmbedder:
    """Words and n-grams, hashed with signs from a fixed seed."""

    dimensions: int = 384
    seed: int = 20_261_124

    @property
    def name(self) -> str:
        """Return the recipe's name: its version, size and seed."""
        return f"hashing1-{self.dimensions}-{self.seed}"

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """Return one vector a text; of a text without words, the zero vector."""
        return [self._vector(text) for text in texts]

    def _vector(self, text: str) -> tuple[float, ...]:
        cells = [0.0] * self.dimensions
        for part, weight in sorted(_parts(text).items()):
            bits = (crc32(part.encode(), self.seed) * _SPREAD) & _MASK
            amount = math.sqrt(weight)
            cells[(bits >> 1) % self.dimensions] += amount if bits & 1 else -amount
        length = math.sqrt(math.fsum(cell * cell for cell in cells))
        return tuple(cell / length for cell in cells) if length else tuple(cells)


def _parts(text: str) -> dict[str, float]:
    parts: dict[str, float] = defaultdict(float)
    for word in _WORD.findall(text[:TEXT_CHARACTERS_MAX].lower()):
        parts[f"w:{word}"] += WORD_WEIGHT
        marked = f"^{word}$"
        for length in GRAM_LENGTHS:
            for at in range(len(marked) - length + 1):
                parts[f"g:{marked[at : at + length]}"] += GRAM_WEIGHT
    return parts
