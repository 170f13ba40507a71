"""``alphaforge report ID [--open]``: where the tear sheet of an experiment lies.

A variant of a sweep leaves figures alone; its sheet is drawn when it is asked for.
"""

import webbrowser
from argparse import ArgumentParser, Namespace

from ...core.errors import NotFoundError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..progress import progress_bar


def configure(parser: ArgumentParser) -> None:
    """Add the id."""
    parser.add_argument("id", help="an experiment's id")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.REPORT, session.principal, resource=args.id)


def run(session: Session, args: Namespace) -> Answer:
    """Print the paths of the pictures, drawn now if need be; open the page when asked."""
    tenant = session.principal.tenant
    experiment = session.lab.experiments.get(args.id, tenant)
    if not experiment.run_id:
        raise NotFoundError(
            f"`{args.id}` left no tear sheet: it is no run", next=f"alphaforge run {args.id}"
        )
    with progress_bar("tear sheet", is_quiet=session.is_json) as report:
        found = session.lab.runs.sheet(experiment.run_id, report, tenant=tenant)
    if args.open:
        webbrowser.open(found[0].as_uri())
    paths = [str(path) for path in found]
    return Answer({"experiment_id": args.id, "artifacts": paths}, "\n".join(paths))


COMMAND = Command("report", "where an experiment's tear sheet lies", configure, run, request)
