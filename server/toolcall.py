"""How a command calls one of the five tools: the same door as MCP, the answer for a terminal."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..core.diagnostics import Diagnostic, Fix, Severity, Span, render_all
from ..core.errors import InvalidInputError, UsageError
from .command import Answer, Session
from .progress import progress_bar


def ask_tool(
    session: Session,
    name: str,
    arguments: Mapping[str, object],
    *,
    shown: Callable[[Mapping[str, Any]], str] | None = None,
    title: str = "",
) -> Answer:
    """Call a tool as the human at the console; ``shown`` writes its fields for people."""
    from ..tools.door import call_tool

    given = {key: value for key, value in arguments.items() if value is not None}
    with progress_bar(title or name, is_quiet=session.is_json or not title) as report:
        answer = call_tool(session.lab, name, given, principal=session.principal, report=report)
    if answer.is_error:
        text = error_text(answer.fields, str(given.get("text", "")))
        return Answer(answer.fields, text, answer.exit_code, is_error=True)
    text = shown(answer.fields) if shown is not None else answer.text
    return Answer(answer.fields, text, answer.exit_code)


def add_dialect(parser: ArgumentParser) -> None:
    """Add the notation of a text."""
    from ..dsl.dialects import NAMES

    help_ = "notation of the text (default af, the language itself)"
    parser.add_argument("--dialect", choices=NAMES, default="af", help=help_)


def add_params(parser: ArgumentParser) -> None:
    """Add the choice of a text's parameters."""
    help_ = "value of a `param` of the text; once for each"
    parser.add_argument("--param", action="append", metavar="NAME=VALUE", help=help_)


def params_of(args: Namespace) -> dict[str, str] | None:
    """Return the values that were chosen, by name.

    Raises:
        UsageError: when one is not written ``NAME=VALUE``.
    """
    chosen: dict[str, str] = {}
    for item in args.param or ():
        name, mark, value = item.partition("=")
        if not mark or not name.strip():
            raise UsageError(f"`{item[:40]}` chooses nothing", help="write `--param lookback=48h`")
        chosen[name.strip()] = value.strip()
    return chosen or None


def error_text(fields: Mapping[str, Any], text: str) -> str:
    """Draw an error's fields as a compiler would."""
    if fields.get("diagnostics") and text:
        return render_all([_diagnostic(item) for item in fields["diagnostics"]], text)
    lines = [f"error[{fields['code']}]: {fields['message']}"]
    lines += [f"  = {word}: {fields[word]}" for word in ("help", "next") if fields.get(word)]
    return "\n".join(lines)


def _diagnostic(fields: Mapping[str, Any]) -> Diagnostic:
    span, fix = fields.get("span"), fields.get("fix")
    return Diagnostic(
        code=fields["code"],
        message=fields["message"],
        span=Span(span["start"], span["end"]) if span else None,
        help=fields.get("help") or "",
        fix=Fix(Span(fix["start"], fix["end"]), fix["text"]) if fix else None,
        severity=Severity(fields.get("severity", "error")),
    )


def read_text(file: str | None, expression: str | None) -> str | None:
    """Return the text of a file or of ``-e``; None when the word names no file.

    Raises:
        UsageError: when both are given.
    """
    if expression is not None:
        if file is not None:
            raise UsageError(
                f"both `{file}` and -e give a text", help="name the file, or give the text with -e"
            )
        return expression
    if file is None or not Path(file).is_file():
        return None
    return text_of(Path(file))


def text_of(path: Path) -> str:
    """Read a file of text.

    Raises:
        InvalidInputError: when there is no such file, or it is not UTF-8.
    """
    if not path.is_file():
        raise InvalidInputError(f"there is no file `{path}`", help="name a file that exists")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise InvalidInputError(
            f"`{path}` is not UTF-8 text: byte {error.start}", help="save it as UTF-8"
        ) from error


def table(rows: list[list[str]]) -> str:
    """Lay out rows as aligned columns."""
    if not rows:
        return ""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def figure(value: float | None) -> str:
    """Write a figure: whole numbers whole, others with four digits, nothing as a dash."""
    if value is None:
        return "-"
    return str(int(value)) if value == int(value) else f"{value:.4f}"
