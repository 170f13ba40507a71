"""``alphaforge data refresh|compact|vacuum|archive``: what keeps records quick and readable."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from ..core.durations import seconds_of
from ..core.errors import UsageError
from ..data import card_line
from .command import Answer, Session
from .progress import progress_bar

if TYPE_CHECKING:
    from ..data.records import Kept, RecordSet

_RETENTION_DAYS = 7


class Verbs(Protocol):
    """Where the words after ``data`` are added."""

    def add_parser(self, name: str, *, help: str) -> ArgumentParser:  # noqa: A002  # argparse's.
        """Add one."""
        ...


def configure_keeping(verbs: Verbs) -> None:
    """Add the verbs."""
    refresh = verbs.add_parser("refresh", help="make records of bars a snapshot that runs read")
    refresh.add_argument("--venue", default="", help="whose bars, where there are several")
    refresh.add_argument("--bar", default="", help="which bars, where there are several: 1h")
    refresh.add_argument("--as-of", default="", help="what was known then: 2025-06-01T00:00:00Z")
    compact = verbs.add_parser("compact", help="merge the small files of records")
    vacuum = verbs.add_parser("vacuum", help="delete files of records that no snapshot names")
    vacuum.add_argument("--retention-days", type=int, default=_RETENTION_DAYS)
    archive = verbs.add_parser("archive", help="move closed months of records to a cold store")
    archive.add_argument("--before", required=True, help="the first month that stays: 2025-01")
    archive.add_argument("--to", type=Path, required=True, help="the cold store: a folder")
    for verb in (refresh, compact, vacuum, archive):
        verb.add_argument("name")


def record_sets(session: Session) -> "list[RecordSet]":
    """Return the tables of records there are; nothing heavy is opened where there are none."""
    lake = session.lab.lake
    return lake.records.datasets() if (lake.root / "records").is_dir() else []


def set_line(item: "RecordSet") -> str:
    """Say in one line what a table of records is."""
    return (
        f"{item.dataset}: {item.rows} {item.kind} of {', '.join(item.venues) or 'nobody'}, "
        f"{item.first[:16]} to {item.last[:16]}, version {item.version}"
    )


def _refresh(session: Session, args: Namespace) -> Answer:
    with progress_bar("refresh", is_quiet=session.is_json) as report:
        card = session.lab.lake.refresh(
            args.name,
            venue=args.venue,
            bar_seconds=seconds_of(args.bar) if args.bar else 0,
            as_of=instant_of(args.as_of) if args.as_of else None,
            report=report,
        )
    notes = [f"  note: {note}" for note in card.notes]
    return Answer(card.data(), "\n".join([card_line(card), *notes]))


def instant_of(text: str) -> datetime:
    """Return an instant of the command line.

    Raises:
        UsageError: when the text is none.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"`{text}` is no instant", help="write 2025-06-01T00:00:00Z") from error


def _compact(session: Session, args: Namespace) -> Answer:
    return _answer(session.lab.lake.records.compact(args.name))


def _vacuum(session: Session, args: Namespace) -> Answer:
    if args.retention_days < 0:
        raise UsageError("a retention is not negative", help="0 keeps what snapshots name alone")
    hours = args.retention_days * 24
    return _answer(session.lab.lake.vacuum(args.name, retention_hours=hours))


def _archive(session: Session, args: Namespace) -> Answer:
    return _answer(session.lab.lake.records.archive(args.name, before=args.before, to=args.to))


def _answer(kept: "Sequence[Kept]") -> Answer:
    lines = [
        f"{item.kind}: {item.files_before} files, now {item.files_after}; "
        f"{item.deleted} deleted; months moved: {', '.join(item.months) or 'none'}"
        for item in kept
    ]
    return Answer({"tables": [asdict(item) for item in kept]}, "\n".join(lines))


KEEPING: Mapping[str, Callable[[Session, Namespace], Answer]] = MappingProxyType(
    {"refresh": _refresh, "compact": _compact, "vacuum": _vacuum, "archive": _archive}
)
