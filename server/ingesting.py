"""``alphaforge data ingest``: bring a source's data into a dataset, and go on where it stopped."""

from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from ..core.diagnostics import echo
from ..core.durations import seconds_of
from ..core.errors import InvalidInputError, UsageError
from .command import Answer, Session
from .feeds import FEEDS, Feed, Opening, open_feed
from .progress import progress_bar

if TYPE_CHECKING:
    from ..data.ingest import Ingested, Manners, Wanted
    from ..data.ingest.source import Source

EPOCH = datetime.fromtimestamp(0, UTC)
DAY = timedelta(days=1)
STREAMS = ("bars", "funding")


def configure_ingest(parser: ArgumentParser) -> None:
    """Add what an ingest may be told."""
    parser.add_argument("source", help=", ".join(FEEDS))
    parser.add_argument("--name", required=True, help="the dataset's name: [a-z][a-z0-9_]*")
    parser.add_argument("--symbols", default="", help="as the venue spells them: BTCUSDT,ETHUSDT")
    parser.add_argument(
        "--streams", default="", help="what to take: bars,funding,trades,... (bars,funding)"
    )
    parser.add_argument("--bar", default="1h", help="the length of bars")
    parser.add_argument("--start", default="", help="2025-01, 2025-01-31 or an instant, UTC")
    parser.add_argument("--end", default="", help="likewise; a month or day is taken to its end")
    parser.add_argument(
        "--files", nargs="+", type=Path, default=[], help="of the source `files`: what to take"
    )
    parser.add_argument(
        "--venue", default="", help="of `files` that do not say it; of `evm`, the chain"
    )
    _configure_manners(parser)


def _configure_manners(parser: ArgumentParser) -> None:
    parser.add_argument("--base-url", default="", help="ask a mirror instead of the source itself")
    parser.add_argument("--workers", type=int, default=4, help="requests under way at once")
    parser.add_argument("--rate", type=float, default=8.0, help="requests a second, at most")
    parser.add_argument("--attempts", type=int, default=5, help="how often a request is tried")


def run_ingest(session: Session, args: Namespace) -> Answer:
    """Ingest, and exit with 1 when a request was given up."""
    from ..data.ingest import ingest

    lab, feed = session.lab, feed_of(session, args)
    wanted = wanted_of(args, feed.source, lab.clock.now())
    manners = manners_of(args)
    with progress_bar("ingest", is_quiet=session.is_json) as report:
        done = ingest(
            wanted,
            feed.source,
            feed.fetch,
            lab.lake.stores(),
            clock=lab.clock,
            wait=Event().wait,
            manners=manners,
            report=report,
        )
    return _answer(done, _snapshot(session, wanted) if done.inserted or done.revised else "")


def feed_of(session: Session, args: Namespace) -> Feed:
    """Open the source that the words name."""
    lab = session.lab
    opening = Opening(
        base_url=args.base_url,
        lake=lab.lake,
        dataset=args.name,
        clock=lab.clock,
        files=[path.absolute() for path in args.files],
        venue=args.venue,
    )
    return open_feed(args.source, opening)


def manners_of(args: Namespace) -> "Manners":
    """Read the bounds of an ingest.

    Raises:
        UsageError: when one of them is not above 0.
    """
    from ..data.ingest import Manners

    if args.workers < 1 or args.attempts < 1 or not args.rate > 0:
        raise UsageError(
            "`--workers`, `--attempts` and `--rate` are above 0", help="leave them out"
        )
    return Manners(workers=args.workers, requests_per_second=args.rate, attempts_max=args.attempts)


def _snapshot(session: Session, wanted: "Wanted") -> str:
    """Make what there is now the dataset's next snapshot, and say so, or why not."""
    from ..core.errors import AlphaForgeError

    lake = session.lab.lake
    if "bars" not in lake.records.kinds(wanted.dataset):
        return ""
    try:
        card = lake.refresh(wanted.dataset, bar_seconds=wanted.bar_seconds)
    except AlphaForgeError as error:
        return f"no snapshot was made of the records: {error.message}; {error.help}"
    return f"snapshot {card.snapshot}: {card.rows} bars of {len(card.symbols)} symbols"


def _answer(done: "Ingested", snapshot: str) -> Answer:
    text = "\n".join(part for part in (done.text(), snapshot) if part)
    return Answer({**done.data(), "snapshot": snapshot}, text, 1 if done.dead else 0)


def wanted_of(args: Namespace, source: "Source", now: datetime) -> "Wanted":
    """Read what is wanted off the words of a command.

    Raises:
        UsageError: when they do not fit together, or the source has no such stream.
    """
    from ..data.ingest import Wanted
    from ..data.names import is_symbol, require_name

    symbols = tuple(dict.fromkeys(word for word in args.symbols.split(",") if word))
    strange = [symbol for symbol in symbols if not is_symbol(symbol) or ".." in symbol]
    is_files = bool(args.files)
    if strange or not (symbols or is_files):
        raise UsageError(
            f"`{echo(strange[0] if strange else '')}` is no symbol",
            help="write `--symbols BTCUSDT,ETHUSDT`, as the venue spells them",
        )
    if not args.start and not is_files:
        raise UsageError("no `--start` was given", help="add `--start 2025-01`")
    start = _edge(args.start)[0] if args.start else EPOCH
    end = _edge(args.end)[1] if args.end else now
    if start >= end:
        raise UsageError("`--start` is not before `--end`", help="give an earlier start")
    return Wanted(
        dataset=require_name(args.name),
        streams=_streams(args.streams, source),
        symbols=symbols,
        start=start,
        end=end,
        now=now,
        bar_seconds=seconds_of(args.bar),
    )


def _streams(text: str, source: "Source") -> tuple[str, ...]:
    words = tuple(dict.fromkeys(word for word in text.split(",") if word))
    strange = [word for word in words if word not in source.streams]
    if strange:
        raise UsageError(
            f"`{source.name}` has no `{echo(strange[0])}`",
            help=f"it has {', '.join(source.streams)}",
        )
    usual = tuple(word for word in STREAMS if word in source.streams)
    return words or usual or tuple(source.streams)


def _edge(text: str) -> tuple[datetime, datetime]:
    """Return the first instant of a month, day or instant, and the first after it."""
    for form in ("%Y-%m", "%Y-%m-%d"):
        try:
            start = datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
        over = start + DAY if form.endswith("d") else (start + 31 * DAY).replace(day=1)
        return start, over
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInputError(
            f"`{echo(text)}` is no time", help="write 2025-01, 2025-01-31 or 2025-01-31T08:00Z"
        ) from error
    aware = instant if instant.tzinfo is not None else instant.replace(tzinfo=UTC)
    return aware.astimezone(UTC), aware.astimezone(UTC)
