"""The words of a statement told apart from formulas; clauses it does not know are dropped."""

import re
from collections.abc import Iterable

from ..core.diagnostics import Fix, echo
from .faults import Faults
from .lexer import Token
from .statement import Spec

_DEPTH = {"LPAR": 1, "RPAR": -1, "LBRACK": 1, "RBRACK": -1}
# By the grammar's start symbol: whether the statement opens with a word of its own.
_OPENS_WITH_WORD = {"settings": True, "source": False, "days": False}

# A setting and its number without the space between them.
_GLUED = re.compile(r"([a-z_]+?)_?([0-9]+)")


def mark_words(tokens: list[Token], spec: Spec, faults: Faults) -> tuple[list[Token], bool]:
    """Turn a statement's own words into settings; tell whether all clauses are known."""
    kept: list[Token] = []
    opens_clause = _OPENS_WITH_WORD[spec.start]
    depth = 0
    is_dropping = False
    is_whole = True
    for token in tokens:
        depth += _DEPTH.get(token.type, 0)
        if token.type == "COMMA" and depth == 0:
            # The commas of `data` stand between data sets.
            opens_clause, is_dropping = spec.start != "source", False
        elif opens_clause:
            opens_clause = False
            is_dropping = token.type == "NAME" and token.text not in spec.words
            if is_dropping:
                is_whole = False
                _report_clause(token, spec, faults)
        if not is_dropping:
            is_word = depth == 0 and token.type == "NAME" and token.text in spec.words
            if is_word and spec.start == "source" and kept and kept[-1].type == "COMMA":
                # As in other statements, a comma before a setting is of no account.
                kept.pop()
            kept.append(token._replace(type="WORD") if is_word else token)
    return (kept, True) if is_whole else (_without_loose_commas(kept), False)


def mark_domain(tokens: list[Token]) -> list[Token]:
    """Turn the words of a parameter into marks; the name in front stays a name."""
    marks = {"in": "IN", "step": "STEP"}
    return [
        token._replace(type=marks[token.text])
        if at and token.type == "NAME" and token.text in marks
        else token
        for at, token in enumerate(tokens)
    ]


def _without_loose_commas(tokens: list[Token]) -> list[Token]:
    """Drop commas that lost a neighbour when a clause was dropped."""
    kept: list[Token] = []
    for token in tokens:
        if token.type != "COMMA" or (kept and kept[-1].type != "COMMA"):
            kept.append(token)
    while kept and kept[-1].type == "COMMA":
        kept.pop()
    return kept


def _report_clause(token: Token, spec: Spec, faults: Faults) -> None:
    if token.text in spec.later:
        message = f"`{token.text}` is not in this version"
        faults.error("AF111", message, token.span, spec.later[token.text])
    else:
        message = f"`{spec.keyword}` has no setting `{echo(token.text)}`"
        if token.text in spec.elsewhere:
            faults.error("AF112", message, token.span, spec.elsewhere[token.text])
            return
        glued = _GLUED.fullmatch(token.text)
        if glued is not None and glued[1] in spec.words:
            meant = f"{glued[1]} {glued[2]}"
            faults.error("AF112", message, token.span, f"write `{meant}`", Fix(token.span, meant))
            return
        report_unknown("AF112", message, token, spec.words, faults)


def report_unknown(
    code: str, message: str, token: Token, known: Iterable[str], faults: Faults
) -> None:
    """Report a word, with the nearest known one or a list of all."""
    words = sorted(known)
    meant = faults.nearest(token.text, words)
    listed = ", ".join(f"`{word}`" for word in words)
    faults.error(
        code,
        message,
        token.span,
        f"did you mean `{meant}`?" if meant else f"there are {listed}",
        Fix(token.span, meant) if meant else None,
    )
