"""``alphaforge warm``: compile the kernels once, so that the first run does not wait."""

from argparse import ArgumentParser, Namespace

from ...core.home import Home
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session


def configure(parser: ArgumentParser) -> None:
    """Take no arguments of its own."""


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource="kernels")


def run(session: Session, _args: Namespace) -> Answer:
    """Compile every kernel of the catalogue with a progress bar."""
    return warm(session.home, is_quiet=session.is_json)


def warm(home: Home, *, is_quiet: bool) -> Answer:
    """Compile what is not in the cache yet; say how many there are."""
    from ...engine.kernels import Kernels
    from ..compose import open_catalogue
    from ..progress import progress_bar

    open_catalogue(home)
    with progress_bar("compiling kernels", is_quiet=is_quiet) as report:
        count = Kernels(home.kernels).warm(report)
    return Answer({"kernels": count, "folder": str(home.kernels)}, f"{count} kernels are ready")


COMMAND = Command("warm", "compile kernel caches", configure, run, request)
