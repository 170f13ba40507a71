"""An error as an agent reads it: code, message, span, help and the next call to make."""

from dataclasses import dataclass
from typing import Any

from ..core.errors import (
    AlphaForgeError,
    ApprovalNeededError,
    BrokenError,
    InvalidTextError,
    LimitError,
    NotFoundError,
    RefusedError,
)

TEXT_CHARS_MAX = 600
DIAGNOSTICS_MAX = 10

# What to do next, when whoever raised the error did not say; the first class that fits.
NEXT_OF: tuple[tuple[type[AlphaForgeError], str], ...] = (
    (InvalidTextError, "mend the text as the diagnostics say and call `compile`"),
    (ApprovalNeededError, "a human decides this with `alphaforge approvals`; no tool can"),
    (RefusedError, "do not repeat the call; ask the human who sponsors you"),
    (NotFoundError, "call `search` for the ids and names there are"),
    (LimitError, "ask for less, or wait and call again"),
    (BrokenError, "call again once; if it breaks again, tell the human to run `alphaforge doctor`"),
)


@dataclass(frozen=True, slots=True)
class ToolAnswer:
    """What a call came to: fields for machines, one line of text, the exit code of the CLI."""

    fields: dict[str, Any]
    text: str
    is_error: bool = False
    exit_code: int = 0


def refusal(error: AlphaForgeError) -> ToolAnswer:
    """Say an error in fields and in one line."""
    fields: dict[str, Any] = {
        "code": error.code,
        "message": error.message[:TEXT_CHARS_MAX],
        "span": None,
        "help": error.help[:TEXT_CHARS_MAX],
        "next": error.next or _next_of(error),
    }
    if isinstance(error, InvalidTextError):
        shown = [dict(item.fields(error.text)) for item in error.diagnostics[:DIAGNOSTICS_MAX]]
        fields["diagnostics"] = shown
        fields["span"] = shown[0].get("span")
    if isinstance(error, RefusedError):
        fields["decision_id"] = error.decision_id
        fields["rule_ids"] = list(error.rule_ids)
    return ToolAnswer(fields=fields, text=_line(fields), is_error=True, exit_code=error.exit_code)


def _next_of(error: AlphaForgeError) -> str:
    return next((said for kind, said in NEXT_OF if isinstance(error, kind)), "")


def _line(fields: dict[str, Any]) -> str:
    parts = [f"{fields['code']}: {fields['message']}", fields["help"]]
    more = len(fields.get("diagnostics", ())) - 1
    if more > 0:
        parts.append(f"and {more} more, see diagnostics")
    return "; ".join(part for part in parts if part)
