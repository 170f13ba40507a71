"""``alphaforge data import --kind`` and ``data book``: records from files, and order books."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ..core.clock import from_text
from ..core.diagnostics import echo
from ..core.errors import InvalidInputError, UsageError
from .command import Answer, Session
from .progress import progress_bar

if TYPE_CHECKING:
    import pyarrow as pa

RECORDING = "recording"
FILE_BYTES_MAX = 4 * 1024**3


def configure_kind(parser: ArgumentParser) -> None:
    """Add what a file of records, not of bars, needs."""
    parser.add_argument(
        "--kind",
        default="",
        help="trades, quotes, book_snapshots, book_deltas, funding, ... or recording: raw "
        "websocket text of --venue binance or bybit",
    )


def configure_book(parser: ArgumentParser) -> None:
    """Add what the look at a book may be told."""
    parser.add_argument("name")
    parser.add_argument("--symbol", required=True)
    parser.add_argument("--at", default="", help="the instant before which messages count, UTC")
    parser.add_argument("--levels", type=int, default=5, help="best levels to show of each side")


def import_records(session: Session, args: Namespace) -> Answer:
    """Take in a file of records: by key, so that the same file again changes nothing."""
    if not args.venue:
        raise UsageError(f"records of `{echo(args.kind)}` need --venue", help="name the venue")
    with progress_bar("import", is_quiet=session.is_json) as report:
        tables, notes = _read(args)
        records = session.lab.lake.records
        done = {
            kind: records.upsert(
                kind, args.name, args.venue, table, bar_seconds=seconds, report=report
            )
            for kind, seconds, table in tables
        }
    data = {
        "name": args.name,
        "kinds": {
            kind: {
                "inserted": each.inserted,
                "revised": each.revised,
                "unchanged": each.unchanged,
                "version": each.version,
            }
            for kind, each in done.items()
        },
        "notes": notes,
    }
    lines = [
        f"{kind}: {each.inserted} new, {each.revised} revised, {each.unchanged} known"
        for kind, each in done.items()
    ]
    return Answer(data, "\n".join([*lines, *(f"  note: {note}" for note in notes)]))


def run_book(session: Session, args: Namespace) -> Answer:
    """Rebuild a book, and exit with 1 when its chain breaks or its quotes are not the venue's."""
    from ..data.books.view import view_of
    from ..data.books.wording import view_data, view_text

    at = from_text(args.at) if args.at else None
    view = view_of(session.lab.lake.records, args.name, args.symbol, at=at)
    shared = view.agreement
    is_wrong = bool(view.rebuilt.breaks) or (shared is not None and shared.equal < shared.shared)
    return Answer(view_data(view, args.levels), view_text(view, args.levels), 1 if is_wrong else 0)


def _read(args: Namespace) -> tuple[list[tuple[str, int, "pa.Table"]], list[str]]:
    if args.kind == RECORDING:
        return _recording(args)
    from ..data.sources.record_files import records_of

    table, left = records_of(args.file, args.kind)
    notes = [f"columns without a place: {', '.join(left)}"] if left else []
    return [(args.kind, 0, table)], notes


def _recording(args: Namespace) -> tuple[list[tuple[str, int, "pa.Table"]], list[str]]:
    from ..data.sources import recorded, ws_binance, ws_bybit
    from ..data.sources.gathered import gathered

    readers = {ws_binance.VENUE: ws_binance.take, ws_bybit.VENUE: ws_bybit.take}
    if args.venue not in readers:
        raise InvalidInputError(
            f"no reader for recordings of `{echo(args.venue)}`", help="venues: binance, bybit"
        )
    if not args.file.is_file() or args.file.stat().st_size > FILE_BYTES_MAX:
        raise InvalidInputError(
            f"there is no file `{echo(str(args.file))}` of a size that can be read",
            help="give the recorded text, plain or gzip",
        )
    unread = recorded.Unread()
    lines = recorded.text_of(args.file.read_bytes()).splitlines()
    rows = gathered(recorded.messages(lines, unread), readers[args.venue])
    count = len(unread.lines)
    notes = [f"{count} lines are no message, the first is line {unread.lines[0]}"] if count else []
    minute = ws_binance.BAR_SECONDS
    found = [(kind, minute if kind == "bars" else 0, table) for kind, table in rows.tables()]
    return found, notes
