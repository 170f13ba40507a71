"""From a request and what is stored to a plan: pure, nothing is opened here."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ...core.diagnostics import echo
from ...core.durations import duration_text
from ...core.errors import InvalidInputError, NotFoundError
from ...core.nearest import nearest
from ..fields import FAULT, PRICES, derivable, sources
from ..records.columns import FIRST
from ..records.grid import BAR_COLUMNS, LATE_MAX, PARTS
from ..records.reading import Window
from .plan import SNAPSHOT, DataFile, Plan, Read, Stored, TableFiles
from .request import PanelRequest
from .resample import how_of

# A settlement is rounded to the minute before it finds its bar.
_SETTLEMENT_SLACK_S = 60


def fields_of(kind: str) -> tuple[str, ...]:
    """Return the fields of panels that records of a kind give."""
    if kind == "funding":
        return ("funding_rate",)
    return BAR_COLUMNS if kind == "bars" else tuple(PARTS[kind].values())


def plan(request: PanelRequest, stored: Stored) -> Plan:
    """Return how a request is answered.

    Raises:
        NotFoundError: when the dataset neither stores nor can derive a field, or lacks a symbol.
        InvalidInputError: when bars of that length cannot be made, or the window holds none.
    """
    card = stored.card
    wanted = tuple(sorted(set(request.fields)))
    derived = _require_fields(request, stored, wanted)
    _require_symbols(request, stored)
    bar = _bar(request, stored)
    start, stop = _window(request, stored, bar)
    fields = _needed(wanted, derived, stored)
    per_bar = bar // card.bar_seconds
    if per_bar > 1 and "vwap" in fields and "volume" not in fields:
        fields = tuple(sorted({*fields, "volume"}))
    return Plan(
        request=request,
        card=card,
        is_records=stored.is_records,
        bar_seconds=bar,
        start=start,
        stop=stop,
        last=stored.last,
        reads=tuple(
            read
            for table in stored.tables
            for read in _reads(request, stored, table, fields, start, stop)
        ),
        fields=fields,
        derived=derived,
        resampling=tuple((name, how_of(name)) for name in fields) if per_bar > 1 else (),
    )


def _require_fields(
    request: PanelRequest, stored: Stored, wanted: tuple[str, ...]
) -> tuple[str, ...]:
    can_derive = derivable(stored.card.fields)
    known = (*stored.card.fields, *can_derive)
    for name in wanted:
        if name not in known:
            meant = nearest(name, known)
            there = "fields: " + ", ".join(known)
            raise NotFoundError(
                f"dataset `{request.dataset}` has no field `{echo(name)}`",
                help=f"did you mean `{meant}`? {there}" if meant else there,
            )
    return tuple(name for name in wanted if name in can_derive)


def _require_symbols(request: PanelRequest, stored: Stored) -> None:
    # Which symbols records hold is known when they are read.
    for name in () if stored.is_records else request.symbols:
        if name not in stored.card.symbols:
            meant = nearest(name, stored.card.symbols)
            raise NotFoundError(
                f"dataset `{request.dataset}` has no symbol `{echo(name)}`",
                help=f"did you mean `{meant}`?" if meant else "",
            )


def _bar(request: PanelRequest, stored: Stored) -> int:
    step = stored.card.bar_seconds
    bar = request.bar_seconds or step
    if bar % step:
        raise InvalidInputError(
            f"bars of {duration_text(bar)} cannot be made of bars of {duration_text(step)}",
            help=f"ask for a multiple of {duration_text(step)}",
        )
    return bar


def _window(request: PanelRequest, stored: Stored, bar: int) -> tuple[int, int]:
    """Bound the stored bars: those of the panel's bars that open in ``[start, end)``."""
    start = stored.first // bar * bar
    stop = _up(stored.last + 1, bar)
    if request.start is not None:
        start = max(start, _up(_seconds(request.start), bar))
    if request.end is not None:
        stop = min(stop, _up(_seconds(request.end), bar))
    if request.as_of is not None:
        stop = min(stop, _up(_seconds(request.as_of), bar))
    if start >= stop:
        raise InvalidInputError(
            f"dataset `{request.dataset}` has no bar from {request.start} to {request.end}",
            help=f"it holds bars from {stored.card.start} to {stored.card.end}",
        )
    return start, stop


def _up(seconds: int, bar: int) -> int:
    return -(-seconds // bar) * bar


def _seconds(instant: datetime) -> int:
    return -int(-instant.timestamp() // 1)


def _needed(wanted: tuple[str, ...], derived: tuple[str, ...], stored: Stored) -> tuple[str, ...]:
    """Return the stored fields; of records too those that stand in where a column is empty."""
    have = stored.card.fields
    found = set(wanted) - set(derived)
    for name in derived:
        found |= set(sources(name, have))
    for name in wanted if stored.is_records else ():
        others = tuple(other for other in have if other != name)
        if name in derivable(others):
            found |= set(sources(name, others))
    return tuple(sorted(found))


def _reads(  # noqa: PLR0913, PLR0917  # One request over one table.
    request: PanelRequest,
    stored: Stored,
    table: TableFiles,
    fields: tuple[str, ...],
    start: int,
    stop: int,
) -> list[Read]:
    if table.kind == SNAPSHOT:
        months = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m") for at in (start, stop - 1)]
        held = [file for file in table.files if months[0] <= file.month <= months[1]]
        columns = ("ts", "symbol", *fields, FAULT)
        return [_read(request, table, held, columns, (start, stop))]
    mine = [name for name in fields_of(table.kind) if name in fields]
    if not mine and table.kind != "bars":
        return []
    if table.kind == "funding":
        start, stop = start - _SETTLEMENT_SLACK_S, stop + _SETTLEMENT_SLACK_S
    elif table.kind != "bars":
        # What was published late belongs to the bar in which it became known, what happens at a
        # bar's end to that bar.
        start, stop = start - int(LATE_MAX.total_seconds()), stop + 1
    bar = stored.card.bar_seconds if table.kind == "bars" else 0
    edges = Window(stored.venue, bar, _instant(start), _instant(stop))
    held = [f for f in table.files if f.record is not None and edges.holds(f.record, timedelta())]
    return [
        _read(request, table, held, _columns(table.kind, mine), (start, stop), stored.venue, bar)
    ]


def _columns(kind: str, fields: list[str]) -> tuple[str, ...]:
    if kind == "funding":
        return ("symbol", "event_at", FIRST, "rate")
    if kind == "bars":
        # Prices say whether a row may be served at all.
        names = [name for name in BAR_COLUMNS if name in fields or name in PRICES]
        return ("symbol", "event_at", *names)
    return (
        "symbol",
        "event_at",
        FIRST,
        *(old for old, new in PARTS[kind].items() if new in fields),
    )


def _read(  # noqa: PLR0913, PLR0917  # What a read is made of.
    request: PanelRequest,
    table: TableFiles,
    held: Sequence[DataFile],
    columns: tuple[str, ...],
    edges: tuple[int, int],
    venue: str = "",
    bar_seconds: int = 0,
) -> Read:
    paths = {file.path for file in held}
    return Read(
        kind=table.kind,
        version=table.version,
        files=tuple(held),
        pruned=tuple(file for file in table.files if file.path not in paths),
        columns=columns,
        start=edges[0],
        stop=edges[1],
        as_of=request.as_of,
        symbols=request.symbols,
        venue=venue,
        bar_seconds=bar_seconds,
    )


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
