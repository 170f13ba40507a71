"""``alphaforge fmt FILE``: print a strategy in its canonical layout, or rewrite it in place."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...core.errors import InvalidInputError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..compose import open_catalogue


def configure(parser: ArgumentParser) -> None:
    """Add the file and how to answer."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--write", action="store_true", help="rewrite the file in place")


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource="fmt")


def run(session: Session, args: Namespace) -> Answer:
    """Format; a text with comments is printed but not rewritten, since they would be lost."""
    from ...dsl.compile import compile_text
    from ...dsl.strategy import strategy_text

    text = args.file.read_text(encoding="utf-8")
    catalogue, _packs = open_catalogue(session.home)
    compilation = compile_text(text, catalogue)
    strategy = compilation.require()
    is_file = compilation.source_kind == "strategy"
    shown = strategy_text(strategy) if is_file else compilation.canonical
    if args.write:
        if "#" in text:
            raise InvalidInputError(
                "the file has comments, and formatting keeps none",
                help="print it without --write and copy what you want",
            )
        args.file.write_text(shown.rstrip("\n") + "\n", encoding="utf-8")
    return Answer({"text": shown, "fingerprint": compilation.fingerprint}, shown)


COMMAND = Command("fmt", "print a strategy in canonical layout", configure, run, request)
