"""``alphaforge fmt FILE``: print a strategy in its layout, or rewrite it in place."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..compose import open_catalogue
from ..toolcall import text_of


def configure(parser: ArgumentParser) -> None:
    """Add the file and how to answer."""
    parser.add_argument("file", type=Path)
    parser.add_argument("--write", action="store_true", help="rewrite the file in place")
    parser.add_argument("--check", action="store_true", help="only say whether it would change")


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource="fmt")


def run(session: Session, args: Namespace) -> Answer:
    """Lay a text out anew; comments stay, the meaning stays."""
    from ...dsl.compile import compile_text
    from ...dsl.layout import format_text

    text = text_of(args.file)
    compilation = compile_text(text, open_catalogue(session.home)[0])
    compilation.require()
    shown = format_text(text).rstrip("\n") + "\n"
    is_changed = shown != text
    if args.write and is_changed:
        args.file.write_text(shown, encoding="utf-8")
    data = {"text": shown, "is_changed": is_changed, "fingerprint": compilation.fingerprint}
    if not (args.check or args.write):
        return Answer(data, shown)
    told = "laid out anew" if args.write else "would change"
    said = told if is_changed else "laid out already"
    return Answer(data, f"{args.file}: {said}", 1 if args.check and is_changed else 0)


COMMAND = Command("fmt", "lay a strategy out", configure, run, request)
