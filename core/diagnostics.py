"""What is wrong in a text, where, and the next move: text for people, fields for agents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

ECHO_MAX = 80


class Severity(StrEnum):
    """Errors stop a compile; warnings and notes go along with its answer."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters ``start`` up to, not including, ``end`` of the text, from 0."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Fix:
    """Replace the span by the text; applied mechanically, it mends the fault."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault of a text."""

    code: str
    message: str
    span: Span | None = None
    help: str = ""
    fix: Fix | None = None
    severity: Severity = Severity.ERROR

    def fields(self, text: str = "") -> Mapping[str, object]:
        """Return the diagnostic as JSON values; line and column count from 1."""
        out: dict[str, object] = {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "help": self.help,
        }
        if self.span is not None:
            line, column = position(text, self.span.start)
            out["span"] = {
                "start": self.span.start,
                "end": self.span.end,
                "line": line,
                "column": column,
            }
        if self.fix is not None:
            out["fix"] = {
                "start": self.fix.span.start,
                "end": self.fix.span.end,
                "text": self.fix.text,
            }
        return out


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, both from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def echo(text: str) -> str:
    """Show a piece of user text safely: escaped, on one line, at most 80 characters."""
    shown = text.encode("unicode_escape").decode("ascii")
    return shown if len(shown) <= ECHO_MAX else shown[: ECHO_MAX - 3] + "..."


def render(diagnostic: Diagnostic, text: str) -> str:
    """Draw a diagnostic with its line and carets, as a compiler does."""
    head = f"{diagnostic.severity.value}[{diagnostic.code}]: {diagnostic.message}"
    lines = [head]
    if diagnostic.span is not None:
        lines += _excerpt(diagnostic.span, text)
    if diagnostic.help:
        lines.append(f"  = help: {diagnostic.help}")
    return "\n".join(lines)


def _excerpt(span: Span, text: str) -> list[str]:
    line, column = position(text, span.start)
    rows = text.split("\n")
    row = rows[line - 1] if line <= len(rows) else ""
    # A long line is shown around its fault, so that an answer stays bounded.
    left = max(0, min(column - 1 - ECHO_MAX // 2, len(row) - ECHO_MAX))
    shown = "".join(_visible(character) for character in row[left : left + ECHO_MAX])
    caret_count = max(1, min(span.end - span.start, len(shown) - (column - 1 - left)))
    gutter = " " * len(str(line))
    return [
        f"{gutter}--> {line}:{column}",
        f"{gutter} |",
        f"{line} | {shown}",
        f"{gutter} | {' ' * (column - 1 - left)}{'^' * caret_count}",
    ]


def _visible(character: str) -> str:
    """Show one column for one character: no terminal acts on what a text holds."""
    if character in "\t\r":
        return " "
    return character if " " <= character <= "~" else "?"


def render_all(diagnostics: Iterable[Diagnostic], text: str) -> str:
    """Draw several diagnostics in the order of the text."""
    ordered = sorted(diagnostics, key=lambda item: item.span or Span(0, 0))
    return "\n\n".join(render(item, text) for item in ordered)
