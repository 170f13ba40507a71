"""From the columns of a file to canonical rows: nothing repaired, what is left out is marked.

1. Columns get their names (``columns``), instants become epoch seconds, numbers float64.
2. The bar length is read off the distances between the bars of each symbol (``steps``).
3. Rows that no panel may serve get the rule they break in ``_fault`` (``faults``).
"""

from dataclasses import dataclass, replace

import polars as pl

from ..core.errors import InvalidInputError
from .columns import named
from .fault_rules import counted, marked
from .fields import COLUMNS, FAULT, MONTH, PRICES, Domain
from .groups import with_groups
from .instants import seconds_column
from .steps import bar_seconds_of

# No venue we know settles less often; ``quality.funding_rules`` has the full count.
FUNDING_SECONDS_MAX = 8 * 3600
_SURVIVORSHIP = (
    "survivorship: every symbol lives to the last bar, so delisted ones are missing and "
    "results are flattered"
)


@dataclass(frozen=True, slots=True)
class Bars:
    """Canonical rows, sorted: ``ts`` (epoch seconds), ``symbol``, fields as float64, ``_fault``.

    ``labels`` are the names of groups that the rows hold as codes.
    """

    frame: pl.DataFrame
    bar_seconds: int
    notes: tuple[str, ...]
    faults: tuple[tuple[str, int], ...]
    labels: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields, ascending."""
        return tuple(sorted(set(self.frame.columns) - {"ts", "symbol", FAULT, MONTH}))

    def served(self) -> pl.DataFrame:
        """Return the rows that panels show."""
        return self.frame.filter(pl.col(FAULT).is_null())


def normal(raw: pl.DataFrame, groups: pl.DataFrame | None = None) -> Bars:
    """Return the canonical rows of a frame, with the groups of a second one.

    Raises:
        InvalidInputError: when times, symbols, numbers or the bar length cannot be trusted.
    """
    frame, notes, labels = named(raw)
    seconds, time_notes = seconds_column(frame.get_column("ts"))
    frame = frame.with_columns(seconds)
    if groups is not None:
        frame, more, names = with_groups(frame, groups)
        notes, labels = [*notes, *more], {**labels, **names}
    frame = sorted_rows(frame)
    bar_seconds = bar_seconds_of(frame)
    frame = marked(frame, bar_seconds)
    known = tuple(sorted(labels.items()))
    bars = Bars(frame, bar_seconds, (*notes, *time_notes), counted(frame), known)
    served = bars.served()
    if served.height == 0:
        raise InvalidInputError(
            f"no row can be served: {_fault_text(bars.faults)}", help="mend the file at its source"
        )
    return replace(bars, notes=(*bars.notes, *_content_notes(bars, served)))


def sorted_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Sort by symbol, time and every field: equal content is equal rows, whatever its order was."""
    key = ["symbol", "ts"]
    frame = frame.sort(key)
    # One row a bar is the rule; only twins need their other columns to have an order.
    if not frame.select(
        pl.all_horizontal(pl.col(name) == pl.col(name).shift() for name in key).any()
    ).item():
        return frame
    return frame.sort([*key, *sorted(set(frame.columns) - {*key, FAULT})])


def _content_notes(bars: Bars, served: pl.DataFrame) -> list[str]:
    notes = []
    if bars.faults:
        notes.append(f"rows left out of panels, kept in the table: {_fault_text(bars.faults)}")
    if "close" not in served.columns:
        notes.append("no `close` column: fields can be evaluated, nothing can be back-tested")
    notes += [note for name in bars.fields if (note := domain_note(served, name))]
    spans = served.group_by("symbol").agg(
        pl.len().alias("bars"), pl.col("ts").min().alias("first"), pl.col("ts").max().alias("last")
    )
    single = sorted(spans.filter(pl.col("bars") == 1).get_column("symbol"))
    if single:
        notes.append(f"symbols with a single bar: {few(single)}")
    notes += _survivorship_notes(spans)
    notes += funding_notes(served)
    return notes


def _survivorship_notes(spans: pl.DataFrame) -> list[str]:
    early = sorted(
        spans.filter(pl.col("last") < spans.get_column("last").max()).get_column("symbol")
    )
    if early:
        return [f"{len(early)} symbols end before the last bar: {few(early)}"]
    return [_SURVIVORSHIP]


def domain_note(served: pl.DataFrame, name: str) -> str:
    """Say how many cells of a field no panel may show as they are; nothing when there is none."""
    domain = COLUMNS[name].domain if name in COLUMNS else Domain.ANY
    cell = pl.col(name)
    bad = cell.is_infinite()
    if name not in PRICES and domain is not Domain.ANY:
        bad = bad | (cell <= 0 if domain is Domain.POSITIVE else cell < 0)
    if domain is Domain.CODE:
        bad = bad | (cell != cell.floor())
    count = served.select(bad.fill_null(value=False).sum()).item()
    return f"{count} cells of `{name}` are out of range and served as nan" if count else ""


def funding_notes(served: pl.DataFrame) -> list[str]:
    """Say whose funding has settlements that count as 0 because they are not there."""
    if "funding_rate" not in served.columns:
        return []
    settled = served.group_by("symbol").agg(pl.col("funding_rate").count().alias("n"))
    without = sorted(settled.filter(pl.col("n") == 0).get_column("symbol"))
    notes = [f"no funding settlement at all, counted as 0: {few(without)}"] if without else []
    waits = served.drop_nulls("funding_rate").select("symbol", pl.col("ts").diff().over("symbol"))
    late = sorted(waits.filter(pl.col("ts") > FUNDING_SECONDS_MAX).get_column("symbol").unique())
    if late:
        notes.append(f"funding more than 8h apart, missing settlements count as 0: {few(late)}")
    return notes


def _fault_text(faults: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{count} {rule}" for rule, count in faults)


def few(names: list[str]) -> str:
    """Name some, and count the rest."""
    shown = ", ".join(names[:8])
    return shown if len(names) <= 8 else f"{shown} and {len(names) - 8} more"  # noqa: PLR2004
