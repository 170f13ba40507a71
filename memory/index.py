"""The search index over the experiment store: rebuildable, self-healing, never the truth.

A watermark is its only state: the highest change number of the store that it holds. It catches up
before each question. When it is missing, damaged, ahead of the store, or short of rows, it is
dropped and built anew. Processes take turns at writing; doubles, should there be any, are dropped
when read.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..core.errors import BrokenError
from ..core.progress import Report, silent
from ..dsl.branches import tree_from
from ..dsl.vector import DIMENSIONS, STRUCTURE_VERSION, structure_vector
from .embedder import Embedder
from .experiment import Experiment, ExperimentKind
from .experiments import Experiments
from .hashing import HashingEmbedder
from .marks import mark, marks_of
from .turn import turn

if TYPE_CHECKING:
    from .lance import LanceTable, Row

T = TypeVar("T")

BATCH = 500
NEARNESS_DIGITS = 6
UNRATED_MAX = 1_000_000
TEXT_MAX = 4_000


@dataclass(frozen=True, slots=True)
class Index:
    """The index of one store in one folder, with one recipe for words."""

    folder: Path
    experiments: Experiments
    embedder: Embedder = field(default_factory=HashingEmbedder)

    @property
    def name(self) -> str:
        """Return the table's name: another recipe is another table."""
        return f"{self.embedder.name}-{STRUCTURE_VERSION}"

    def ask(self, question: "Callable[[LanceTable], T]") -> T:
        """Catch up with the store and put a question to the index, mending it if need be.

        Raises:
            BrokenError: when it cannot be mended.
            ConflictError: when another process is building it for longer than one waits.
        """
        return self._mended(lambda: question(self._caught_up(silent)))

    def sync(self, report: Report = silent) -> int:
        """Catch up with the store; return how many rows the index has."""
        return self._mended(lambda: self._caught_up(report).count())

    def rebuild(self, report: Report = silent) -> int:
        """Drop the index and build it anew from the store; return how many rows it has."""
        self._drop()
        return self.sync(report)

    def _mended(self, work: Callable[[], T]) -> T:
        from .lance import DAMAGE

        with suppress(*DAMAGE):
            return work()
        # Once more as it is: another process may have dropped and rebuilt it just now.
        with suppress(*DAMAGE):
            return work()
        self._drop()
        try:
            return work()
        except DAMAGE as error:
            raise BrokenError(
                "the search index cannot be rebuilt",
                help="look for free disk space and the rights of the memory folder",
                next="alphaforge memory rebuild",
            ) from error

    def _drop(self) -> None:
        from .lance import remove

        with turn(self._lock):
            remove(self._tables)

    def _caught_up(self, report: Report) -> "LanceTable":
        table = self._current()
        if table is not None:
            return table
        with turn(self._lock):
            # While this one waited for its turn, another may have done the work.
            return self._current() or self._grown(report)

    def _current(self) -> "LanceTable | None":
        """Return the table when it is there, whole, and has all that the store has."""
        if not (self._tables / f"{self.name}.lance").exists():
            return None
        table = self._open()
        is_level = table.newest() == self.experiments.changed()
        is_whole = table.count() >= self.experiments.size()
        is_rated = not self.experiments.unrated(STRUCTURE_VERSION, 1)
        return table if is_level and is_whole and is_rated else None

    def _grown(self, report: Report) -> "LanceTable":
        from .lance import remove

        table = self._open()
        mark_at = table.newest()
        is_ahead = mark_at > self.experiments.changed()
        if is_ahead or table.count() < self.experiments.size(until=mark_at):
            remove(self._tables)
            table, mark_at = self._open(), 0
        total = self.experiments.changed()
        while batch := self.experiments.changes(mark_at, BATCH):
            table.put(self._rows(batch))
            mark_at = batch[-1][0]
            report(mark_at, total, "indexing experiments")
        self._rate_novelty(table)
        return table

    @property
    def _tables(self) -> Path:
        return self.folder / "index"

    @property
    def _lock(self) -> Path:
        return self.folder / "writer.lock"

    def _open(self) -> "LanceTable":
        from .lance import LanceTable

        return LanceTable(
            self._tables, self.name, words=self.embedder.dimensions, structure=DIMENSIONS
        )

    def _rows(self, batch: Sequence[tuple[int, Experiment]]) -> "list[Row]":
        from .lance import Row

        texts = [words_of(experiment) for _, experiment in batch]
        return [
            Row(
                id=experiment.id,
                changed=changed,
                tenant_mark=mark("tenant", experiment.tenant),
                is_run=experiment.kind is ExperimentKind.RUN,
                marks=marks_of(experiment),
                text=text,
                words=vector,
                structure=structure_of(experiment),
            )
            for (changed, experiment), text, vector in zip(
                batch, texts, self.embedder.embed(texts), strict=True
            )
        ]

    def _rate_novelty(self, table: "LanceTable") -> None:
        unrated = self.experiments.unrated(STRUCTURE_VERSION, UNRATED_MAX)
        if not unrated:
            return
        near = table.earlier_neighbours(unrated)
        rated = dict.fromkeys(unrated, (1.0, "")) | {
            key: (round(1.0 - min(nearness, 1.0), NEARNESS_DIGITS), nearest)
            for key, (nearness, nearest) in near.items()
        }
        self.experiments.rate(rated, STRUCTURE_VERSION)


def words_of(experiment: Experiment) -> str:
    """Return the words by which an experiment is found."""
    parts = (
        experiment.name,
        experiment.doc,
        experiment.canonical or experiment.text,
        " ".join(experiment.operators),
        " ".join(experiment.fields),
        experiment.dataset,
        experiment.author,
        experiment.error,
    )
    return "\n".join(part for part in parts if part)[:TEXT_MAX]


def structure_of(experiment: Experiment) -> tuple[float, ...]:
    """Return the structure vector of an experiment."""
    return structure_vector(tree_from(experiment.tree), experiment.settings)
