"""``alphaforge runs list|show|logs|cancel``: the runs there are."""

from argparse import ArgumentParser, Namespace

from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..toolcall import ask_tool, table
from .run import shown


def configure(parser: ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="runs, the newest first")
    listed.add_argument("--state", default="")
    listed.add_argument("--limit", type=int, default=20)
    listed.add_argument("--cursor", default="")
    for verb, words in (
        ("show", "how a run stands"),
        ("logs", "the last words of its worker"),
        ("cancel", "end a run with all its processes"),
    ):
        verbs.add_parser(verb, help=words).add_argument("run_id")


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    action = Action.CANCEL_RUN if args.verb == "cancel" else Action.RUN_READ
    return Request(action, session.principal, resource=getattr(args, "run_id", ""))


def run(session: Session, args: Namespace) -> Answer:
    """Answer one verb."""
    tenant = session.principal.tenant
    if args.verb == "show":
        return ask_tool(
            session, "run", {"run_id": args.run_id, "wait_s": 0, "all_metrics": True}, shown=shown
        )
    if args.verb == "cancel":
        return ask_tool(session, "run", {"cancel": args.run_id}, shown=shown)
    if args.verb == "logs":
        runs = session.lab.runs
        is_batch = args.run_id.startswith("bat_")
        text = (runs.batches if is_batch else runs).logs(args.run_id, tenant=tenant)
        return Answer({"run_id": args.run_id, "log": text}, text or "the worker said nothing")
    page = session.lab.runs.list(
        tenant=tenant, state=args.state, limit=args.limit, cursor=args.cursor
    )
    rows = [
        {
            "run_id": view.run_id,
            "experiment_id": view.experiment_id,
            "state": view.state.value,
            "dataset": view.dataset,
            "created_at": view.created_at,
        }
        for view in page.runs
    ]
    text = table([list(row.values()) for row in rows]) or "no runs yet"
    return Answer({"runs": rows, "next_cursor": page.next_cursor}, text)


COMMAND = Command("runs", "list, show, cancel runs", configure, run, request)
