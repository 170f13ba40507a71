"""``alphaforge data tail``: follow a source into a dataset, and fill the gaps it left."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from threading import Event

from ..core.durations import seconds_of
from ..core.errors import UsageError
from .command import Answer, Session
from .ingesting import configure_ingest, feed_of, manners_of, wanted_of
from .progress import progress_bar

EVERY = "1m"


def configure_tail(parser: ArgumentParser) -> None:
    """Add what an ingest takes, how often to ask, and how many times."""
    configure_ingest(parser)
    parser.add_argument("--every", default=EVERY, help="the pause between two rounds")
    parser.add_argument(
        "--rounds", type=int, default=0, help="how many; without: until it is interrupted"
    )


def run_tail(session: Session, args: Namespace) -> Answer:
    """Ask round after round until the last, or an interrupt; then tell all of it."""
    from ..data.ingest import ingest
    from ..data.ingest.tail import Tail, Tailed

    if args.files or args.end:
        raise UsageError("a tail has neither files nor an end", help="`data ingest` has them")
    lab, feed = session.lab, feed_of(session, args)
    stores, rest = lab.lake.stores(), Event()
    wanted = wanted_of(args, feed.source, lab.clock.now())
    pause, manners = seconds_of(args.every), manners_of(args)
    tail = Tail(
        feed.source,
        stores,
        lab.clock,
        lambda asked: ingest(
            asked,
            feed.source,
            feed.fetch,
            stores,
            clock=lab.clock,
            wait=rest.wait,
            manners=manners,
        ),
    )
    told: Tailed | None = None
    number = 0
    with progress_bar("tail", is_quiet=session.is_json) as report:
        try:
            while True:
                now = lab.clock.now()
                told = tail.round(replace(wanted, now=now, end=now))
                number += 1
                report(number, args.rounds or number + 1, f"{told.inserted} rows")
                if number == args.rounds:
                    break
                rest.wait(pause)
        except KeyboardInterrupt:
            # A person's way to end a tail: what was stored is stored.
            pass
    if told is None:
        raise UsageError("interrupted before the first round was over", help="start it again")
    return Answer(told.data(), told.text(), 1 if told.dead else 0)
