"""Door to LanceDB: one table of vectors and words; opened late, because it takes seconds.

No text of an agent becomes part of a condition: conditions hold hashes and numbers of ours only.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Set for the library, not read: it prints a line a query otherwise, and only looks at import.
os.environ.setdefault("LANCEDB_LOG", "error")  # noqa: TID251

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import FTS
from lancedb.query import LanceVectorQueryBuilder, MatchQuery

from .marks import condition
from .match import Match, best_first
from .wording import scores

# Beyond this many rows outside the text index, it is brought up to date; they are found before too.
UNINDEXED_MAX = 256
# What the library raises for a table that is damaged or gone.
DAMAGE = (RuntimeError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Row:
    """One experiment as the index keeps it; ``marks`` are what filters look at."""

    id: str
    changed: int
    tenant_mark: str
    is_run: bool
    marks: tuple[str, ...]
    text: str
    words: tuple[float, ...]
    structure: tuple[float, ...]


class LanceTable:
    """One table in a folder; made when it is not there."""

    def __init__(self, folder: Path, name: str, *, words: int, structure: int) -> None:
        """Open the table, or make it with vectors of these lengths."""
        self._schema = pa.schema(
            [
                ("id", pa.string()),
                ("changed", pa.int64()),
                ("tenant_mark", pa.string()),
                ("is_run", pa.bool_()),
                ("marks", pa.list_(pa.string())),
                ("text", pa.string()),
                ("words", pa.list_(pa.float32(), words)),
                ("structure", pa.list_(pa.float32(), structure)),
            ]
        )
        self._table = lancedb.connect(folder).create_table(name, schema=self._schema, exist_ok=True)

    def put(self, rows: Sequence[Row]) -> None:
        """Add rows; one of a known id takes the place of the old one."""
        data = pa.Table.from_pylist(
            [{name: getattr(row, name) for name in self._schema.names} for row in rows],
            schema=self._schema,
        )
        merge = self._table.merge_insert("id").when_matched_update_all()
        merge.when_not_matched_insert_all().execute(data)
        indices = {item.name: item for item in self._table.list_indices()}
        if "text_idx" not in indices:
            self._table.create_index("text", config=FTS())
        elif (indices["text_idx"].num_unindexed_rows or 0) > UNINDEXED_MAX:
            self._table.optimize()

    def count(self) -> int:
        """Count the rows, doubles included."""
        return int(self._table.count_rows())

    def newest(self) -> int:
        """Return the highest change number, or 0."""
        column = self._table.search().select(["changed"]).to_arrow()["changed"].to_numpy()
        return int(column.max()) if len(column) else 0

    def near(
        self, column: str, vector: Sequence[float], *, marks: Sequence[str], seen: int, limit: int
    ) -> list[Match]:
        """Return the rows whose vector points most nearly the same way; the score is the cosine."""
        query = self._table.search(list(vector), vector_column_name=column)
        assert isinstance(query, LanceVectorQueryBuilder)
        found = (
            query.distance_type("cosine")
            .where(condition(marks, seen), prefilter=True)
            .select(["id", "_distance"])
            .limit(limit)
            .to_list()
        )
        return best_first(Match(row["id"], 1.0 - row["_distance"]) for row in found)

    def saying(self, question: str, *, marks: Sequence[str], seen: int, limit: int) -> list[Match]:
        """Return the rows whose text has words of the question.

        The library finds them; its own scores move with what it has indexed so far, ours do not.
        """
        # The library's own defaults are fields that the type checker takes for required.
        query = MatchQuery(question, "text")  # type: ignore[call-arg]
        found = (
            self._table.search(query, query_type="fts")
            .where(condition(marks, seen), prefilter=True)
            .select(["id", "text", "_score"])
            .limit(limit)
            .to_list()
        )
        scored = scores(question, {row["id"]: row["text"] for row in found})
        return best_first(Match(key, score) for key, score in scored.items())

    def earlier_neighbours(self, ids: Sequence[str]) -> dict[str, tuple[float, str]]:
        """Return for each run its nearest earlier run of the same tenant, and how near.

        Nearness is the cosine without its sign: a formula turned upside down is no new idea.
        """
        kept = (
            self._table.search()
            .where("is_run")
            .select(["id", "changed", "tenant_mark", "structure"])
        )
        table = kept.to_arrow()
        names = np.array(table["id"].to_pylist())
        changed = table["changed"].to_numpy()
        tenants = np.array(table["tenant_mark"].to_pylist())
        flat = table["structure"].combine_chunks().flatten().to_numpy()
        vectors = flat.reshape(len(names), -1)
        place = {name: at for at, name in enumerate(names)}
        out: dict[str, tuple[float, str]] = {}
        for name in ids:
            own = place[name]
            is_earlier = (changed < changed[own]) & (tenants == tenants[own]) & (names != name)
            nearness = np.where(is_earlier, np.abs(vectors @ vectors[own]), -1.0)
            best = int(nearness.argmax())
            if nearness[best] >= 0:
                out[name] = (float(nearness[best]), str(names[best]))
        return out


def remove(folder: Path) -> None:
    """Drop the index; it is rebuilt from the store."""
    shutil.rmtree(folder, ignore_errors=True)
