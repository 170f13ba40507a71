"""``alphaforge lsp``: the language server for editors, over stdio."""

import contextlib
import sys
from argparse import ArgumentParser, Namespace

from ...core.errors import MissingExtraError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..compose import open_catalogue


def configure(parser: ArgumentParser) -> None:
    """Take the flag that some editors always pass; stdio is the one way there is."""
    parser.add_argument("--stdio", action="store_true", help="speak over stdio (always so)")


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource="lsp")


def run(session: Session, _args: Namespace) -> Answer:
    """Serve until the editor hangs up; stdout belongs to the protocol.

    Raises:
        MissingExtraError: when the extra `lsp` is not installed.
    """
    try:
        from ..lsp.server import make_server
    except ModuleNotFoundError as error:
        raise MissingExtraError("lsp", "the language server") from error

    catalogue, _ = open_catalogue(session.home)
    server = make_server(catalogue)
    stdout = sys.stdout.buffer
    # Whatever is printed by mistake must not end up between two messages.
    with contextlib.redirect_stdout(sys.stderr):
        server.start_io(sys.stdin.buffer, stdout)
    # As the protocol has it: an editor that leaves without a word is an error.
    return Answer(data={}, exit_code=0 if server.was_shut_down else 1)


COMMAND = Command("lsp", "serve editors: findings, hover, completion", configure, run, request)
