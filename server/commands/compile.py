"""``alphaforge compile FILE|-e EXPR``: check a text, say what it means."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from ...core.errors import UsageError
from ..command import Answer, Command, Session
from ..toolcall import ask_tool, read_text


def configure(parser: ArgumentParser) -> None:
    """Add the text and the grid."""
    parser.add_argument("file", nargs="?", help="a strategy file")
    parser.add_argument("-e", dest="expression", help="a bare expression or a whole text")
    parser.add_argument("--bar", help="grid of a bare expression (default 1h)")


def run(session: Session, args: Namespace) -> Answer:
    """Call the tool and draw its answer."""
    text = read_text(args.file, args.expression)
    if text is None:
        raise UsageError(
            f"there is no file `{args.file}`" if args.file else "nothing to compile",
            help="name a file, or give an expression with -e",
        )
    return ask_tool(session, "compile", {"text": text, "bar": args.bar}, shown=shown)


def shown(fields: Mapping[str, Any]) -> str:
    """Write the answer for people."""
    lines = [f"{fields['kind']} {fields['fingerprint']}", f"  {fields['canonical']}"]
    lines += [
        f"  {'ok  ' if check['is_ok'] else 'NOTE'} {check['name']}: {check['detail']}"
        for check in fields["checks"]
    ]
    lines += [
        f"  {item['severity']}[{item['code']}]: {item['message']}"
        + (f" ({item['help']})" if item.get("help") else "")
        for item in fields["diagnostics"]
    ]
    if fields["tried_before"]:
        lines.append(f"  tried before: {len(fields['tried_before'])} experiments")
    return "\n".join(lines)


COMMAND = Command("compile", "check a strategy text or expression", configure, run, None)
