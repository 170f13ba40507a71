"""``alphaforge report ID [--open]``: where the tear sheet of an experiment lies."""

import webbrowser
from argparse import ArgumentParser, Namespace

from ...core.errors import NotFoundError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session

SUFFIXES = (".html", ".png")


def configure(parser: ArgumentParser) -> None:
    """Add the id."""
    parser.add_argument("id", help="an experiment's id")
    parser.add_argument("--open", action="store_true", help="open the page in a browser")


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.REPORT, session.principal, resource=args.id)


def run(session: Session, args: Namespace) -> Answer:
    """Print the paths of the pictures; open the page when asked."""
    experiment = session.lab.experiments.get(args.id, session.principal.tenant)
    folder = session.home.artifacts / experiment.run_id
    found = [
        folder / name
        for name in experiment.artifacts
        if name.endswith(SUFFIXES) and (folder / name).is_file()
    ]
    if not found:
        raise NotFoundError(
            f"`{args.id}` left no tear sheet: its run is `{experiment.state}`",
            next=f"alphaforge run {args.id}",
        )
    if args.open:
        page = next((path for path in found if path.suffix == ".html"), found[0])
        webbrowser.open(page.as_uri())
    paths = [str(path) for path in found]
    return Answer({"experiment_id": args.id, "artifacts": paths}, "\n".join(paths))


COMMAND = Command("report", "where an experiment's tear sheet lies", configure, run, request)
