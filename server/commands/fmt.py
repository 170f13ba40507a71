"""``alphaforge fmt FILE...``: print strategies in their layout, or rewrite them in place."""

import difflib
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import BrokenError, InvalidInputError, InvalidTextError, UsageError
from ...dsl.catalogue import Catalogue
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..compose import open_catalogue
from ..rewriting import rewrite
from ..toolcall import text_of

STDIN = "-"
# A text is bounded by the compiler; this bounds what is read before it is asked.
STDIN_CHARS_MAX = 1_000_000


def configure(parser: ArgumentParser) -> None:
    """Add the files and how to answer."""
    parser.add_argument("files", nargs="+", metavar="FILE", help="strategy files; `-` is stdin")
    parser.add_argument("--write", action="store_true", help="rewrite the files in place")
    parser.add_argument("--check", action="store_true", help="only say which would change")
    parser.add_argument("--diff", action="store_true", help="show what would change")


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource="fmt")


@dataclass(frozen=True, slots=True)
class Laid:
    """One text, and how it is laid out."""

    name: str
    text: str
    shown: str
    fingerprint: str

    @property
    def is_changed(self) -> bool:
        """Tell whether its layout is another."""
        return self.shown != self.text

    def diff(self) -> str:
        """Return what changes, as a patch."""
        rows = difflib.unified_diff(
            self.text.splitlines(keepends=True),
            self.shown.splitlines(keepends=True),
            self.name,
            f"{self.name} (laid out)",
        )
        return "".join(row if row.endswith("\n") else f"{row}\n" for row in rows)


def run(session: Session, args: Namespace) -> Answer:
    """Lay texts out anew; comments stay, the meaning stays. One that is wrong stops all writing.

    Raises:
        UsageError: when stdin is to be rewritten.
        InvalidTextError: when a text has errors.
    """
    if args.write and STDIN in args.files:
        raise UsageError("`--write` cannot rewrite stdin", help="leave `--write` out")
    laid, wrong = _laid(args.files, open_catalogue(session.home)[0])
    if len(args.files) == 1:
        for _, error in wrong:
            raise error
    if wrong:
        return _wrong(wrong)
    for item in laid if args.write else ():
        if item.is_changed:
            rewrite(Path(item.name), item.shown)
    return _answer(laid, args)


def _laid(
    names: Sequence[str], catalogue: Catalogue
) -> tuple[list[Laid], list[tuple[str, InvalidTextError]]]:
    laid: list[Laid] = []
    wrong: list[tuple[str, InvalidTextError]] = []
    for name in names:
        try:
            laid.append(lay_out(name, _text(name), catalogue))
        except InvalidTextError as error:
            wrong.append((name, error))
    return laid, wrong


def lay_out(name: str, text: str, catalogue: Catalogue) -> Laid:
    """Lay one text out, and make sure that it says what it said.

    Raises:
        InvalidTextError: when the text has errors.
        BrokenError: when the layout would mean something else; nothing is written then.
    """
    from ...dsl.compile import compile_text
    from ...dsl.layout import format_text

    before = compile_text(text, catalogue)
    before.require()
    shown = format_text(text).rstrip("\n") + "\n"
    if compile_text(shown, catalogue).fingerprint != before.fingerprint:
        raise BrokenError(f"the layout of `{name}` would alter its meaning", help="report the text")
    return Laid(name, text, shown, before.fingerprint)


def _text(name: str) -> str:
    if name != STDIN:
        return text_of(Path(name))
    try:
        return sys.stdin.read(STDIN_CHARS_MAX)
    except UnicodeDecodeError as error:
        raise InvalidInputError("stdin is not UTF-8 text", help="send it as UTF-8") from error


def _wrong(found: Sequence[tuple[str, InvalidTextError]]) -> Answer:
    from ...core.diagnostics import render_all

    shown = [f"{name}:\n{render_all(error.diagnostics, error.text)}" for name, error in found]
    data = {
        "code": found[0][1].code,
        "message": f"{len(found)} of the texts have errors; nothing was written",
        "files": [
            {
                "file": name,
                "diagnostics": [item.fields(error.text) for item in error.diagnostics],
            }
            for name, error in found
        ],
    }
    return Answer(data, "\n\n".join(shown), 1, is_error=True)


def _answer(laid: Sequence[Laid], args: Namespace) -> Answer:
    fields = [
        {
            "file": item.name,
            "text": item.shown,
            "is_changed": item.is_changed,
            "fingerprint": item.fingerprint,
        }
        for item in laid
    ]
    data = fields[0] if len(fields) == 1 else {"files": fields}
    exit_code = 1 if args.check and any(item.is_changed for item in laid) else 0
    if args.diff:
        return Answer(data, "".join(item.diff() for item in laid), exit_code)
    if not (args.check or args.write):
        return Answer(data, "".join(item.shown for item in laid))
    told = "laid out anew" if args.write else "would change"
    said = [f"{item.name}: {told if item.is_changed else 'laid out already'}" for item in laid]
    return Answer(data, "\n".join(said), exit_code)


COMMAND = Command("fmt", "lay strategies out", configure, run, request)
