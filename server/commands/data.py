"""``alphaforge data``: bring datasets in, look at them, check, explain and keep them."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path

from ...core.errors import UsageError
from ...core.instruments import AssetClass, Calendar
from ...data import DatasetCard, card_line
from ...data.told import Told
from ...policies.action import Action
from ...policies.request import Request
from ..checking import configure_check, run_check
from ..command import Answer, Command, Session
from ..explaining import configure_explaining, explain
from ..ingesting import configure_ingest, run_ingest
from ..keeping import KEEPING, configure_keeping, record_sets, set_line
from ..progress import progress_bar
from ..records import configure_book, configure_kind, import_records, run_book
from ..tailing import configure_tail, run_tail

# A simulated market is made in memory.
DAYS_MAX, COINS_MAX = 1_500, 200


def configure(parser: ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    take = verbs.add_parser("import", help="take in a Parquet or CSV file of bars")
    take.add_argument("file", type=Path, help="columns ts (bar open, UTC), symbol, open, ...")
    take.add_argument("--name", required=True, help="the dataset's name: [a-z][a-z0-9_]*")
    _configure_told(take)
    _configure_simulate(verbs.add_parser("simulate", help="make a SYNTHETIC market from a seed"))
    configure_kind(take)
    configure_book(verbs.add_parser("book", help="an order book, rebuilt from its messages"))
    configure_ingest(verbs.add_parser("ingest", help="bring in a source's data; resumes"))
    configure_tail(verbs.add_parser("tail", help="follow a source, and fill gaps"))
    verbs.add_parser("list", help="the datasets there are")
    show = verbs.add_parser("show", help="one dataset: bars, fields with units, notes, history")
    check = verbs.add_parser("check", help="gaps, duplicates, price order, outliers, funding")
    configure_check(check)
    configure_keeping(verbs)
    configure_explaining(verbs)
    for verb in (show, check):
        verb.add_argument("name")
        verb.add_argument("--snapshot", default="", help="an earlier snapshot of it")


def _configure_simulate(make: ArgumentParser) -> None:
    """Add the dimensions of a simulated market."""
    make.add_argument("--name", required=True, help="the dataset's name: [a-z][a-z0-9_]*")
    make.add_argument("--dated", action="store_true", help="dated contracts, not perpetuals")
    make.add_argument("--seed", type=int, default=1, help="the same seed gives the same bytes")
    make.add_argument("--coins", type=int, default=20)
    make.add_argument("--days", type=int, default=240, help="days of hourly bars")


def _configure_told(take: ArgumentParser) -> None:
    """Add what may be said of the instruments beyond what their symbols say."""
    take.add_argument("--venue", default="", help="where they trade, such as binance")
    take.add_argument("--settle", default="", help="the currency they settle in, such as USDT")
    take.add_argument("--asset-class", default="", choices=[kind.value for kind in AssetClass])
    take.add_argument("--calendar", default="", choices=[each.value for each in Calendar])
    take.add_argument(
        "--instruments",
        type=Path,
        help="file: symbol, and base, quote, settle, asset_class, calendar, venue or multiplier",
    )
    take.add_argument(
        "--groups", type=Path, help="file: symbol, perhaps from, and sector, industry, subindustry"
    )


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    is_written = args.verb in {"import", "ingest", "tail", "simulate", *KEEPING}
    action = Action.DATA_IMPORT if is_written else Action.DATA_READ
    return Request(action, session.principal, resource=getattr(args, "name", ""))


def run(session: Session, args: Namespace) -> Answer:
    """Answer one verb."""
    return VERBS[args.verb](session, args)


def _list(session: Session, args: Namespace) -> Answer:  # noqa: ARG001  # As all verbs.
    cards, sets = session.lab.lake.cards(), record_sets(session)
    lines = [*map(card_line, cards), *map(set_line, sets)]
    data = {"datasets": [_row(card) for card in cards], "records": [asdict(each) for each in sets]}
    return Answer(data, "\n".join(lines) or "no dataset yet")


def _import(session: Session, args: Namespace) -> Answer:
    if args.kind:
        return import_records(session, args)
    told = Told(
        venue=args.venue,
        settle=args.settle,
        asset_class=args.asset_class,
        calendar=args.calendar,
        instruments=args.instruments,
        groups=args.groups,
    )
    with progress_bar("import", is_quiet=session.is_json) as report:
        card = session.lab.lake.import_file(args.file, args.name, told=told, report=report)
    notes = [f"  note: {note}" for note in card.notes]
    return Answer(card.data(), "\n".join([card_line(card), *notes]))


def _simulate(session: Session, args: Namespace) -> Answer:
    """Import a market of ``--coins``, or the dated contracts on them."""
    from ...data.market import simulate_market
    from ...data.market_dated import dated_contracts

    if args.seed < 0 or args.days > DAYS_MAX or args.coins > COINS_MAX:
        raise UsageError(
            f"a market is of a seed from 0 on, at most {DAYS_MAX} days and {COINS_MAX} coins"
        )
    table, truth = simulate_market(args.seed, instruments=args.coins, bars=24 * args.days)
    source = truth.source()
    if args.dated:
        table, source = dated_contracts(table, truth, seed=args.seed)
    card = session.lab.lake.import_table(table, args.name, source)
    notes = [f"  note: {note}" for note in card.notes]
    return Answer(card.data(), "\n".join([card_line(card), *notes]))


def _show(session: Session, args: Namespace) -> Answer:
    from ...data.wording import card_text

    lake, name, snapshot = session.lab.lake, args.name, args.snapshot
    card, summary = lake.card(name, snapshot=snapshot), lake.summary(name, snapshot=snapshot)
    score = lake.scorecard(name, snapshot=card.snapshot)
    data = card.data() | {
        "summary": [item.data() for item in summary],
        "scorecard": score.data() if score is not None else None,
    }
    return Answer(data, card_text(card, summary, score))


def _row(card: DatasetCard) -> dict[str, object]:
    row = card.data()
    del row["history"], row["notes"], row["faults"], row["labels"], row["instruments"]
    return row | {"symbols": len(card.symbols)}


VERBS: Mapping[str, Callable[[Session, Namespace], Answer]] = {
    "import": _import,
    "ingest": run_ingest,
    "tail": run_tail,
    "simulate": _simulate,
    "book": run_book,
    "list": _list,
    "show": _show,
    "check": run_check,
    "explain": explain,
    **KEEPING,
}
COMMAND = Command("data", "bring in, look at, check and keep datasets", configure, run, request)
