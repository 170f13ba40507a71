"""``alphaforge data explain``: what a panel would read, and what would be made of it."""

from argparse import ArgumentParser, Namespace

from ..core.durations import seconds_of
from .command import Answer, Session
from .keeping import Verbs, instant_of


def configure_explaining(verbs: Verbs) -> None:
    """Add the verb."""
    parser: ArgumentParser = verbs.add_parser("explain", help="the files and steps of a panel")
    parser.add_argument("name")
    parser.add_argument("--fields", nargs="+", required=True, help="such as close volume")
    parser.add_argument("--bar", default="", help="a multiple of the stored bar: 4h")
    parser.add_argument("--start", default="", help="the first bar's open: 2025-06-01T00:00:00Z")
    parser.add_argument("--end", default="", help="bars open before it")
    parser.add_argument("--as-of", default="", help="read records as they were known then")
    parser.add_argument("--symbols", nargs="+", default=[], help="these alone")
    parser.add_argument("--venue", default="", help="whose records, where there are several")
    parser.add_argument("--snapshot", default="", help="an earlier snapshot of it")


def explain(session: Session, args: Namespace) -> Answer:
    """Answer the verb."""
    from ..data.serve import PanelRequest, plan_data, plan_text, planned

    start, end, as_of = (
        instant_of(text) if text else None for text in (args.start, args.end, args.as_of)
    )
    request = PanelRequest(
        dataset=args.name,
        fields=tuple(args.fields),
        bar_seconds=seconds_of(args.bar) if args.bar else 0,
        start=start,
        end=end,
        as_of=as_of,
        symbols=tuple(args.symbols),
        snapshot=args.snapshot,
        venue=args.venue,
    )
    data = plan_data(planned(session.lab.lake, request))
    return Answer(data, plan_text(data))
