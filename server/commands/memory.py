"""``alphaforge memory rebuild``: build the search index anew from the experiment store."""

from argparse import ArgumentParser, Namespace

from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session


def configure(parser: ArgumentParser) -> None:
    """Add the verb."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser("rebuild", help="drop the search index and build it from the experiments")


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.MEMORY_REBUILD, session.principal, resource="index")


def run(session: Session, _args: Namespace) -> Answer:
    """Rebuild with a progress bar; say how many experiments are in it."""
    from ...memory.index import Index
    from ..progress import progress_bar

    lab = session.lab
    index = Index(lab.home.memory, lab.experiments)
    with progress_bar("indexing experiments", is_quiet=session.is_json) as report:
        count = index.rebuild(report)
    data = {"experiments": count, "index": index.name, "folder": str(lab.home.memory)}
    return Answer(data, f"{count} experiments are in the index {index.name}")


COMMAND = Command("memory", "the experiments' search index", configure, run, request)
