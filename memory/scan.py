"""The index's questions answered from the store itself: slow, exact, and always there.

For small stores when LanceDB cannot be used, and as the measure of the index in tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ..dsl.vector import cosine
from .embedder import Embedder
from .experiment import Experiment
from .experiments import Experiments
from .index import structure_of, words_of
from .marks import marks_of
from .match import Match, best_first
from .wording import scores, stems

# The newest records that are looked at.
ROWS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Scan:
    """Look at every record, newest first, up to a bound."""

    experiments: Experiments
    embedder: Embedder

    def near(
        self, column: str, vector: Sequence[float], *, marks: Sequence[str], seen: int, limit: int
    ) -> list[Match]:
        """Return the records whose vector points most nearly the same way."""
        found = self._kept(marks, seen)
        if column == "structure":
            vectors = [structure_of(item) for item in found]
        else:
            vectors = self.embedder.embed([words_of(item) for item in found])
        scored = zip(found, vectors, strict=True)
        return best_first(Match(item.id, cosine(other, vector)) for item, other in scored)[:limit]

    def saying(self, question: str, *, marks: Sequence[str], seen: int, limit: int) -> list[Match]:
        """Return the records that have words of the question."""
        asked = set(stems(question))
        texts = {item.id: words_of(item) for item in self._kept(marks, seen)}
        found = {key: text for key, text in texts.items() if asked & set(stems(text))}
        scored = scores(question, found)
        return best_first(Match(key, score) for key, score in scored.items())[:limit]

    def _kept(self, marks: Sequence[str], seen: int) -> list[Experiment]:
        after = max(self.experiments.changed() - ROWS_MAX, 0)
        return [
            item
            for changed, item in self.experiments.changes(after, ROWS_MAX)
            if changed <= seen and _has(marks_of(item), marks)
        ]


def _has(own: Sequence[str], wanted: Sequence[str]) -> bool:
    return all(any(one in own for one in group.split("|")) for group in wanted)
