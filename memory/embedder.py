"""What turns words into a vector."""

from collections.abc import Sequence
from typing import Protocol


class Embedder(Protocol):
    """Texts to vectors of length one; equal texts give equal vectors on one machine."""

    @property
    def name(self) -> str:
        """Return a word for the recipe; indices of different recipes never mix."""
        ...

    @property
    def dimensions(self) -> int:
        """Return the length of the vectors' lists."""
        ...

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """Return one vector a text."""
        ...
