"""The live tail: ask for what is new, round after round, and again for what a hole says is missing.

1. A round ingests from the start of the tail until now; windows that are over are known already.
2. Holes in the bars are asked for again, each once a tail: the exchange may have had an outage and
   mended it since. A hole that stays is told.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from ...core.clock import Clock, to_text
from .gaps import Gap, gaps_of
from .ledger import Ledger
from .result import Ingested
from .source import Source, Wanted
from .stores import Stores

# Long enough for the holes that a run of days may leave; more are told by number.
GAPS_TOLD_MAX = 50


@dataclass(frozen=True, slots=True)
class Tailed:
    """The end of a tail: rounds and rows, holes that were filled, and holes that stay."""

    dataset: str
    source: str
    rounds: int
    requests: int
    inserted: int
    revised: int
    dead: int
    gaps_filled: int
    gaps: tuple[Mapping[str, object], ...]

    def data(self) -> Mapping[str, object]:
        """Return the fields as JSON values."""
        return asdict(self)

    def text(self) -> str:
        """Say it in lines for people."""
        first = (
            f"{self.dataset}: {self.rounds} rounds, {self.inserted} rows new, {self.revised} "
            f"revised, {self.requests} requests, {self.dead} given up; "
            f"{self.gaps_filled} gaps filled, {len(self.gaps)} stay"
        )
        rest = [f"  gap: {gap['symbol']} lacks {gap['bars']} bars from {gap['start']}"
                for gap in self.gaps]  # fmt: skip
        return "\n".join([first, *rest])


class Tail:
    """One source followed into one dataset."""

    def __init__(
        self,
        source: Source,
        stores: Stores,
        clock: Clock,
        run: Callable[[Wanted], Ingested],
    ) -> None:
        """Keep the source, the stores, and how an ingest of it is run."""
        self._source, self._stores, self._clock = source, stores, clock
        self._run = run
        self._tried: set[Gap] = set()
        self._done: list[Ingested] = []
        self._rounds = 0

    def round(self, wanted: Wanted) -> Tailed:
        """Bring in what is new until ``wanted.now``, fill holes, and tell how all rounds went."""
        self._rounds += 1
        self._done.append(self._run(wanted))
        holes = self._gaps(wanted)
        for gap in holes:
            if gap not in self._tried:
                self._tried.add(gap)
                self._fill(wanted, gap)
        return self._told(self._gaps(wanted) if holes else [])

    def _gaps(self, wanted: Wanted) -> list[Gap]:
        if "bars" not in wanted.streams:
            return []
        return gaps_of(self._stores.records, wanted, self._source.name)

    def _fill(self, wanted: Wanted, gap: Gap) -> None:
        """Ask again for the windows around a hole, though they were answered before."""
        around = replace(
            wanted,
            streams=("bars",),
            symbols=(gap.symbol,),
            start=gap.start,
            end=gap.end + timedelta(seconds=1),
        )
        path = self._stores.root / "ingest" / f"{wanted.dataset}.db"
        ledger = Ledger(path, self._source.name, self._clock)
        try:
            for step in self._source.plan(around):
                ledger.reopen(step.key)
        finally:
            ledger.close()
        self._done.append(self._run(around))

    def _told(self, left: list[Gap]) -> Tailed:
        lines = [
            {
                "symbol": gap.symbol,
                "start": to_text(gap.start),
                "end": to_text(gap.end),
                "bars": gap.bars,
            }
            for gap in left
        ]
        return Tailed(
            dataset=self._done[0].dataset,
            source=self._source.name,
            rounds=self._rounds,
            requests=sum(done.requests for done in self._done),
            inserted=sum(done.inserted for done in self._done),
            revised=sum(done.revised for done in self._done),
            dead=self._done[-1].dead,
            gaps_filled=len(self._tried - set(left)),
            gaps=tuple(lines[:GAPS_TOLD_MAX]),
        )
