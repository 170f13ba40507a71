"""``alphaforge compile FILE|-e EXPR``: check a text, say what it means."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from ...core.errors import UsageError
from ...dsl.dialects.out import TARGETS
from ...dsl.feature_sets import DIALECT as PUBLISHED_IN
from ...dsl.feature_sets import NAMES as SETS
from ...dsl.feature_sets import feature_set
from ...policies.action import Action
from ...policies.gate import enforce
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..compose import open_catalogue
from ..toolcall import add_dialect, add_params, ask_tool, params_of, read_text, table

if TYPE_CHECKING:
    from ...dsl.compile import Compilation


def configure(parser: ArgumentParser) -> None:
    """Add the text and the grid."""
    parser.add_argument("file", nargs="?", help="a strategy file")
    parser.add_argument("-e", dest="expression", help="a bare expression or a whole text")
    add_dialect(parser)
    add_params(parser)
    parser.add_argument("--to", choices=TARGETS, help="also print the formula in this notation")
    parser.add_argument("--set", dest="features", choices=SETS, help="list a public feature set")
    parser.add_argument("--bar", help="grid of a bare expression (default 1h)")


def run(session: Session, args: Namespace) -> Answer:
    """Call the tool and draw its answer; a feature set is listed text by text."""
    if args.features is not None:
        request = Request(Action.LOCAL, session.principal, resource=f"compile {args.features}")
        listed = partial(_listed, session, args.features, args.to or PUBLISHED_IN)
        return enforce(request, gate=session.gate, work=lambda _decision: listed())
    text = read_text(args.file, args.expression)
    if text is None:
        raise UsageError(
            f"there is no file `{args.file}`" if args.file else "nothing to compile",
            help="name a file, or give an expression with -e",
        )
    asked = {
        "text": text,
        "bar": args.bar,
        "dialect": args.dialect,
        "params": params_of(args),
        "to": args.to,
    }
    return ask_tool(session, "compile", asked, shown=shown)


def _listed(session: Session, name: str, target: str) -> Answer:
    """Compile each text of a set, and list names, fingerprints and texts."""
    rows = [
        {"name": feature, "fingerprint": made.fingerprint, "text": printed}
        for feature, made, printed in _compiled(session, name, target)
    ]
    told = [[row["name"], row["fingerprint"], row["text"]] for row in rows]
    return Answer({"set": name, "to": target, "features": rows}, table(told))


def _compiled(session: Session, name: str, target: str) -> "Iterator[tuple[str, Compilation, str]]":
    from ...dsl.compile import compile_text
    from ...dsl.dialects.out import print_as

    catalogue = open_catalogue(session.home)[0]
    for feature, text in feature_set(name).items():
        made = compile_text(text, catalogue, dialect=PUBLISHED_IN)
        made.require()
        own = target == PUBLISHED_IN
        yield feature, made, text if own else print_as(made, target, catalogue).text


def shown(fields: Mapping[str, Any]) -> str:
    """Write the answer for people."""
    lines = [f"{fields['kind']} {fields['fingerprint']}", f"  {fields['canonical']}"]
    lines += [f"  {line}" for line in fields["printed"].splitlines()]
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
