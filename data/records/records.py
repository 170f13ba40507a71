"""Records: rows of every kind in, by key and as they were known; what was written stays."""

import re
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from ...core.clock import Clock, to_text
from ...core.diagnostics import echo
from ...core.errors import ConflictError, InvalidInputError, NotFoundError
from ...core.nearest import nearest
from ...core.progress import Report, silent
from ..locks import only_writer
from ..names import is_name, require_name
from ..schemas import KINDS, conformed, model_of, version
from .columns import (
    BAR,
    FIRST,
    MONTH,
    PAYLOAD,
    REVISION,
    VENUE,
    order_of,
    polars_schema,
    values_of,
    visible,
)
from .delta import File, Table, created, is_there, opened
from .keeping import RETENTION_HOURS, Kept, archived, compacted, vacuumed
from .place import Place
from .reading import Window, drift_of, known, raw
from .record_set import RecordSet, Upserted
from .revisions import News, news

if TYPE_CHECKING:
    import pyarrow as pa

_ATTEMPTS_MAX = 20
_STEPS = 3
RESOLUTION = timedelta(microseconds=1)


class Records:
    """The tables of records of one lake, one a dataset and kind.

    They lie at ``root/records/DATASET/KIND``, partitioned by venue, bar and month of event.
    """

    def __init__(
        self, root: Path | str, clock: Clock, options: Mapping[str, str] | None = None
    ) -> None:
        """Keep the lake's root, a folder or an uri, the clock, and delta-rs' storage options."""
        self._lake = root
        self._clock = clock
        self._options = dict(options or {})

    def upsert(  # noqa: PLR0913  # Whose rows, of what, and where they came from.
        self,
        kind: str,
        dataset: str,
        venue: str,
        table: "pa.Table",
        *,
        bar_seconds: int = 0,
        payload: str = "",
        report: Report = silent,
    ) -> Upserted:
        """Take in rows: new keys are added, other values are revisions, known rows are nothing.

        All of it is one commit: whoever is killed leaves the version before, or this one.

        Raises:
            InvalidInputError: when a row is not of its kind.
            ConflictError: when others write for longer than one waits.
        """
        place = self.place(dataset, kind)
        report(0, _STEPS, "check rows")
        rows = _incoming(kind, table, require_name(venue), bar_seconds, payload)
        if rows.height == 0 and not is_there(place):
            return Upserted(0, 0, 0, -1)
        with self.only_writer(place):
            for _ in range(_ATTEMPTS_MAX):
                report(1, _STEPS, "compare")
                done = self._attempt(created(place), rows, payload, report)
                if done is not None:
                    report(_STEPS, _STEPS, "done")
                    return done
        raise ConflictError(f"others keep writing `{kind}` of `{dataset}`", help="try again later")

    def scan(  # noqa: PLR0913  # Each narrows what is read.
        self,
        kind: str,
        dataset: str,
        *,
        venue: str = "",
        bar_seconds: int = 0,
        columns: Sequence[str] = (),
        start: datetime | None = None,
        end: datetime | None = None,
        as_of: datetime | None = None,
        version: int | None = None,
    ) -> pl.LazyFrame:
        """Return rows, lazily: events in ``[start, end)``, as they were known at ``as_of``.

        Of each key, the latest revision that was available. Without ``columns``: those of the
        kind, and ``venue`` and ``bar_seconds``; ``first_available_at`` may be asked for beside
        them. Rows are in no order.

        Raises:
            NotFoundError: when there is no such table or column.
            BrokenError: when the version is gone.
        """
        window = Window(venue, bar_seconds, start, end, as_of)
        _require_columns(kind, columns)
        table = opened(self.place(dataset, kind), version)
        return known(kind, table.files(), window, columns, self._options)

    def version(self, kind: str, dataset: str) -> int:
        """Return the latest version of a table.

        Raises:
            NotFoundError: when there is no such table.
        """
        return opened(self.place(dataset, kind)).version

    def datasets(self) -> list[RecordSet]:
        """Return what there is, by dataset and kind; a lake in a bucket lists by its folders."""
        found = [self.place(dataset, kind) for dataset in self._names() for kind in KINDS]
        return [_record_set(opened(place)) for place in found if is_there(place)]

    def described(self, kind: str, dataset: str) -> RecordSet:
        """Return what there is of one kind.

        Raises:
            NotFoundError: when there is no such table.
        """
        return _record_set(opened(self.place(dataset, kind)))

    def kinds(self, dataset: str) -> list[str]:
        """Return the kinds of which a dataset has records."""
        return [kind for kind in KINDS if is_there(self.place(dataset, kind))]

    def compact(self, dataset: str) -> list[Kept]:
        """Merge the small files of a dataset's tables; what is read stays the same."""
        places = [self.place(dataset, kind) for kind in self._require_kinds(dataset)]
        return [compacted(place, self.only_writer) for place in places]

    def vacuum(
        self,
        dataset: str,
        *,
        keep: Sequence[tuple[str, int]],
        retention_hours: int = RETENTION_HOURS,
    ) -> list[Kept]:
        """Delete files that neither a kept kind's version nor one inside the retention names."""
        return [
            vacuumed(
                self.place(dataset, kind),
                self.only_writer,
                [version for other, version in keep if other == kind],
                retention_hours,
            )
            for kind in self._require_kinds(dataset)
        ]

    def archive(self, dataset: str, *, before: str, to: Path) -> list[Kept]:
        """Move closed months of a dataset to a cold store; reads see them still.

        Raises:
            InvalidInputError: when ``before`` is no month that is over, or ``to`` no folder.
        """
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", before) or before > month_of(self._clock):
            raise InvalidInputError(
                f"`{echo(before)}` is no month up to the present one", help="write 2025-01"
            )
        places = [self.place(dataset, kind) for kind in self._require_kinds(dataset)]
        return [archived(place, self.only_writer, before=before, to=to) for place in places]

    def _require_kinds(self, dataset: str) -> list[str]:
        found = self.kinds(dataset)
        if not found:
            raise NotFoundError(
                f"the dataset `{dataset}` has no records",
                help="`alphaforge data list` tells what there is",
            )
        return found

    def only_writer(self, place: Place) -> AbstractContextManager[None]:
        """Hold the lock of a table; in a bucket the commits alone keep writers apart."""
        if isinstance(self._lake, str):
            return nullcontext()
        return only_writer(self._lake / "locks", f"{place.dataset}.{place.kind}")

    def _names(self) -> list[str]:
        import pyarrow.fs as pafs

        if not isinstance(self._lake, str):
            folder = self._lake / "records"
            found = [path.name for path in folder.iterdir()] if folder.is_dir() else []
        else:
            system, path = pafs.FileSystem.from_uri(f"{self._lake}/records")
            listed = system.get_file_info(pafs.FileSelector(path, allow_not_found=True))
            found = [info.base_name for info in listed]
        return sorted(name for name in found if is_name(name))

    def place(self, dataset: str, kind: str) -> Place:
        """Return where the table of a kind of a dataset lies, whether there is one or not."""
        root = self._lake
        inner = f"{root}/records" if isinstance(root, str) else root / "records"
        return Place(inner, dataset, kind, self._options)

    def _attempt(
        self, table: Table, rows: pl.DataFrame, payload: str, report: Report
    ) -> Upserted | None:
        kind = table.place.kind
        found = self._news(table, rows)
        if found.rows.height:
            report(2, _STEPS, "write")
            said = {
                "schema": f"{kind}.v{version(kind)}",
                "payload": payload,
                "inserted": found.inserted,
                "revised": found.revised,
            }
            ordered = found.rows.sort(order_of(kind)).select(list(polars_schema(kind)))
            if not table.append(ordered, said):
                return None
        return Upserted(found.inserted, found.revised, found.unchanged, table.version)

    def _news(self, table: Table, rows: pl.DataFrame) -> News:
        """Hold rows against those stored whose keys they may share; nothing else is read."""
        kind = table.place.kind
        model = model_of(kind)
        values = values_of(model)
        held: list[File] = []
        if rows.height:
            drift = drift_of(kind)
            first, last = rows.select(
                pl.min("event_at").alias("first"), pl.max("event_at").alias("last")
            ).row(0)
            window = Window(rows[VENUE][0], rows[BAR][0], first, last + RESOLUTION)
            held = [
                file
                for file in table.files()
                if window.holds(file, drift) and file.bar_seconds == rows[BAR][0]
            ]
        entities = rows.get_column(model.ENTITY).unique()
        columns = dict.fromkeys([*model.KEY, *values, "available_at", REVISION, PAYLOAD])
        stored = (
            raw(kind, held, self._options)
            .filter(pl.col(model.ENTITY).is_in(entities.implode()))
            .select(list(columns))
            .collect()
        )
        return news(rows, stored, key=model.KEY, values=values, now=self._clock.now())


def month_of(clock: Clock) -> str:
    """Return the month that is not over."""
    return clock.now().strftime("%Y-%m")


def _incoming(
    kind: str, table: "pa.Table", venue: str, bar_seconds: int, payload: str
) -> pl.DataFrame:
    if (kind == "bars") != (bar_seconds > 0) and kind != "factors":
        raise InvalidInputError(
            f"`{kind}` with a bar of {bar_seconds} s",
            help="bars and factors have a length in seconds, other kinds have none",
        )
    frame = pl.from_arrow(conformed(kind, table))
    assert isinstance(frame, pl.DataFrame)
    if kind == "bars":
        _require_ended(frame, bar_seconds)
    # One zero: a negative one would be another value to those who compare bytes.
    floats = pl.selectors.float() + 0.0
    return frame.with_columns(
        floats,
        pl.lit(venue).alias(VENUE),
        pl.lit(bar_seconds, pl.Int32).alias(BAR),
        pl.col("event_at").dt.strftime("%Y-%m").alias(MONTH),
        pl.lit(payload).alias(PAYLOAD),
    )


def _require_ended(bars: pl.DataFrame, bar_seconds: int) -> None:
    early = bars.with_row_index("_row").filter(
        pl.col("available_at") < pl.col("event_at") + pl.duration(seconds=bar_seconds)
    )
    if early.height:
        raise InvalidInputError(
            f"the bar of row {early['_row'][0]} is available before it ends",
            help="`event_at` is the bar's open, `available_at` its end or later",
        )


def _require_columns(kind: str, columns: Sequence[str]) -> None:
    allowed = [*visible(kind), FIRST]
    for name in columns:
        if name not in allowed:
            meant = nearest(name, allowed)
            raise NotFoundError(
                f"`{kind}` has no column `{echo(name)}`",
                help=f"did you mean `{meant}`?" if meant else "columns: " + ", ".join(allowed),
            )


def _record_set(table: Table) -> RecordSet:
    files = table.files()
    first = min((file.first for file in files), default=None)
    last = max((file.last for file in files), default=None)
    return RecordSet(
        kind=table.place.kind,
        dataset=table.place.dataset,
        venues=tuple(sorted({file.venue for file in files})),
        first=to_text(first.astimezone(UTC)) if first else "",
        last=to_text(last.astimezone(UTC)) if last else "",
        rows=sum(file.rows for file in files),
        version=table.version,
        bars=tuple(sorted({file.bar_seconds for file in files} - {0})),
    )
