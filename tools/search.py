"""``search``: what was tried, and what there is to try with."""

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.canonical import canonical_json
from ..core.errors import InvalidInputError
from ..policies.action import Action
from ..policies.request import Request
from .entries import SOURCES, Entry, ranked
from .fields import shortened
from .found import (
    TEXT_CHARS_ALONE,
    TEXT_CHARS_LISTED,
    HitFields,
    Scope,
    SearchInput,
    SearchOutput,
)
from .tool import Call, Deed, Hints, Tool

if TYPE_CHECKING:
    from .lab import Lab

CURSOR_DIGITS = 12


def deed(lab: "Lab", call: Call, asked: SearchInput) -> "Deed[SearchOutput]":
    """Name the action for the gate, and the work."""
    request = Request(Action.SEARCH, call.principal, resource=asked.scope.value)
    return Deed(request, lambda _decision: work(lab, call, asked))


def work(lab: "Lab", call: Call, asked: SearchInput) -> SearchOutput:
    """Look in the scope that was asked for.

    Raises:
        InvalidInputError: when an argument does not go with the scope, or the cursor is another's.
    """
    if asked.scope is Scope.EXPERIMENTS:
        from .search_experiments import experiments

        return experiments(lab, call, asked)
    alien = [name for name in ("like", "sort", "dataset") if getattr(asked, name)]
    if alien:
        raise InvalidInputError(
            f"`{alien[0]}` goes with scope experiments, not with {asked.scope}",
            help=f"leave `{alien[0]}` out",
        )
    return _listed(asked, ranked(SOURCES[asked.scope.value](lab), asked.text))


def _listed(asked: SearchInput, found: Sequence[tuple[Entry, str]]) -> SearchOutput:
    start = _offset(asked)
    page = found[start : start + asked.limit]
    end = start + len(page)
    # Whoever asks for one thing by its name wants all of it.
    is_alone = len(found) == 1 or (len(page) > 0 and page[0][1] == "name" and start == 0)
    return SearchOutput(
        scope=asked.scope.value,
        hits=[
            HitFields(
                id=entry.name,
                title=entry.title,
                text=shortened(
                    entry.text,
                    TEXT_CHARS_ALONE if is_alone and number == 0 else TEXT_CHARS_LISTED,
                ),
                reason=reason,
            )
            for number, (entry, reason) in enumerate(page)
        ],
        total=len(found),
        next_cursor=f"{end}.{_digest(asked)}" if end < len(found) else "",
        next=_next(asked, len(page)),
    )


def _offset(asked: SearchInput) -> int:
    """Read a cursor; it holds for the question it was given with, and no other.

    Raises:
        InvalidInputError: when it belongs to another question.
    """
    if not asked.cursor:
        return 0
    offset, _, digest = asked.cursor.partition(".")
    if digest != _digest(asked) or not offset.isdigit():
        raise InvalidInputError(
            "this `cursor` belongs to another question",
            help="pass next_cursor back with the same text, scope and limit",
        )
    return int(offset)


def _digest(asked: SearchInput) -> str:
    question = canonical_json([asked.scope, asked.text, asked.limit])
    return hashlib.sha256(question).hexdigest()[:CURSOR_DIGITS]


def _next(asked: SearchInput, count: int) -> str:
    if not count:
        return "search again with other words, or with none to list all"
    if asked.scope is Scope.DATASETS:
        return "`run` with one of these names as `dataset`"
    if asked.scope is Scope.TEMPLATES:
        return "search one by its name for the whole text, then `compile` a variation"
    return "search one by its name for the whole text" if count > 1 else "`compile` a text"


def summary(output: SearchOutput) -> str:
    """Say the answer in one line."""
    names = ", ".join(hit.id for hit in output.hits[:5])
    return f"{len(output.hits)} of {output.total} {output.scope}" + (f": {names}" if names else "")


TOOL = Tool(
    name="search",
    title="Search memory and catalogue",
    description=(
        "Find earlier experiments by words, by likeness or by metric, and look up operators, "
        "fields, data sets, strategy templates and the language guide. Use it before inventing a "
        "strategy (was it tried?) and whenever a name or a rule is unsure. Not for comparing "
        "results in depth (`compare`). Pages with `cursor`. Example: "
        '{"scope": "experiments", "text": "reversal", "sort": "sharpe", "limit": 5}'
    ),
    input=SearchInput,
    output=SearchOutput,
    hints=Hints(is_read_only=True),
    deed=deed,
    summary=summary,
)
