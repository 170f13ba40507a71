"""Rows on their way into the tables: several steps in one commit, ticked off after it.

What a commit was made of is a payload of its own, the manifest: the steps, each with the hash of
what was received. The tables name manifests, so that they can be made again from what is kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from ...core.canonical import canonical_json
from ...core.clock import to_text
from .ledger import Ledger, State
from .result import Tally
from .source import Batch, Step, Wanted
from .stores import Stores

ROWS_MAX = 500_000
STEPS_MAX = 64


@dataclass(frozen=True, slots=True)
class Ended:
    """A step that was read: what it becomes once its rows are stored, and their batches."""

    step: Step
    state: State
    payload: str
    batches: Sequence[Batch]

    def line(self) -> dict[str, object]:
        """Return the step as a line of a manifest."""
        step = self.step
        return {
            "key": step.key,
            "target": step.target,
            "stream": step.stream,
            "symbol": step.symbol,
            "start": to_text(step.start),
            "end": to_text(step.end),
            "query": [list(pair) for pair in step.query],
            "bar_seconds": step.bar_seconds,
            "payload": self.payload,
        }


class Writing:
    """Collect the batches of steps and store them together."""

    def __init__(
        self, stores: Stores, wanted: Wanted, source: str, ledger: Ledger, tally: Tally
    ) -> None:
        """Start empty."""
        self._stores, self._wanted, self._source = stores, wanted, source
        self._ledger, self._tally = ledger, tally
        self._ended: list[Ended] = []
        self._rows = 0

    def add(self, ended: Ended) -> None:
        """Take a step that was read; store when there are many rows."""
        self._ended.append(ended)
        self._rows += sum(batch.table.num_rows for batch in ended.batches)
        if self._rows >= ROWS_MAX or len(self._ended) >= STEPS_MAX:
            self.flush()

    def flush(self) -> None:
        """Store what was collected, then tick its steps off."""
        groups: dict[tuple[str, str, int], list[pa.Table]] = {}
        for batch in (batch for ended in self._ended for batch in ended.batches):
            if batch.table.num_rows:
                group = (batch.kind, batch.venue, batch.bar_seconds)
                groups.setdefault(group, []).append(batch.table)
        if groups:
            self._store(groups, self._manifest())
        for state in (State.DONE, State.OPEN):
            keys = [ended.step.key for ended in self._ended if ended.state is state]
            self._ledger.write(keys, state)
        self._ended, self._rows = [], 0

    def _manifest(self) -> str:
        fields = {
            "dataset": self._wanted.dataset,
            "source": self._source,
            "now": to_text(self._wanted.now),
            "steps": [ended.line() for ended in self._ended],
        }
        return self._stores.objects.put(canonical_json(fields))

    def _store(self, groups: dict[tuple[str, str, int], list[pa.Table]], payload: str) -> None:
        for (kind, venue, bar_seconds), tables in groups.items():
            # Windows of trades overlap by a millisecond: rows that say the same count once.
            frame = pl.from_arrow(pa.concat_tables(tables))
            assert isinstance(frame, pl.DataFrame)
            stored = self._stores.records.upsert(
                kind,
                self._wanted.dataset,
                venue,
                frame.unique(maintain_order=True).to_arrow(),
                bar_seconds=bar_seconds,
                payload=payload,
            )
            self._tally.inserted += stored.inserted
            self._tally.revised += stored.revised
            self._tally.unchanged += stored.unchanged
