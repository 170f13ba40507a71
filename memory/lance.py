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
from numpy.typing import NDArray

from .marks import condition
from .match import Match, best_first
from .wording import scores

# Beyond this many rows outside the text index, it is brought up to date; they are found before too.
UNINDEXED_MAX = 256
# Runs whose novelty is rated together.
BLOCK = 256
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
        runs = self._runs()
        place = {name: at for at, name in enumerate(runs.names)}
        out: dict[str, tuple[float, str]] = {}
        # In blocks: one product of matrices each, and no more memory than a block needs.
        for start in range(0, len(ids), BLOCK):
            block = ids[start : start + BLOCK]
            own = np.array([place[name] for name in block])
            nearness = np.abs(runs.vectors[own] @ runs.vectors.T)
            is_earlier = runs.changed < runs.changed[own][:, None]
            is_earlier &= runs.tenants == runs.tenants[own][:, None]
            nearness[~is_earlier] = -1.0
            for name, row in zip(block, nearness, strict=True):
                best = int(row.argmax())
                if row[best] >= 0:
                    out[name] = (float(row[best]), runs.names[best])
        return out

    def _runs(self) -> "_Runs":
        columns = ["id", "changed", "tenant_mark", "structure"]
        table = self._table.search().where("is_run").select(columns).to_arrow()
        flat = table["structure"].combine_chunks().flatten().to_numpy()
        return _Runs(
            names=table["id"].to_pylist(),
            changed=table["changed"].to_numpy(),
            # Numbers compare faster than words.
            tenants=table["tenant_mark"].combine_chunks().dictionary_encode().indices.to_numpy(),
            vectors=flat.reshape(table.num_rows, -1),
        )


@dataclass(frozen=True, slots=True)
class _Runs:
    names: list[str]
    changed: NDArray[np.int64]
    tenants: NDArray[np.int32]
    vectors: NDArray[np.float32]


def remove(folder: Path) -> None:
    """Drop the index; it is rebuilt from the store."""
    shutil.rmtree(folder, ignore_errors=True)
