"""What to say when a mark or word stands where the grammar has no place for it."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ..core.diagnostics import Fix, Span, echo
from .faults import Faults
from .lexer import Token

COMPARISONS = {"LT", "LE", "GT", "GE", "EQ", "NE"}
VALUES = {"NAME", "NUMBER", "LPAR"}
# Accepted terminals, and how a person would call them; the first that fits a set stands for it.
_GROUPS = (
    (VALUES, "a value"),
    ({"PLUS", "STAR"}, "an operator"),
    ({"DATE"}, "a day such as `2025-05-01`"),
    ({"STRING"}, "a string"),
    ({"NAME"}, "a name"),
    ({"LPAR"}, "`(`"),
    ({"RPAR"}, "`)`"),
    ({"COMMA"}, "`,`"),
    ({"COLON"}, "`:`"),
    ({"ASSIGN"}, "`=`"),
    ({"GE"}, "`>=`"),
    ({"DOTS"}, "`..`"),
    ({"NUMBER", "VERSION"}, "a version such as `1.0`"),
    ({"WORD"}, "a setting"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stopped: the token found, the one before it, and what could stand there."""

    found: Token
    before: Token | None
    accepted: AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Mistake:
    """What to tell the author."""

    code: str
    message: str
    help: str
    fix: Fix | None = None


def report_mistake(
    found: Token, before: Token | None, accepted: AbstractSet[str], faults: Faults
) -> None:
    """Report the mistake that the place most likely shows."""
    place = Place(found, before, accepted)
    mistake = next(
        (told for recognize in _KNOWN if (told := recognize(place)) is not None), _unexpected(place)
    )
    span = found.span if found.type != "$END" else Span(found.start, found.start)
    faults.error(mistake.code, mistake.message, span, mistake.help, mistake.fix)


def _foreign_power(place: Place) -> Mistake | None:
    if place.found.type != "STARS":
        return None
    fix = Fix(place.found.span, "^")
    return Mistake("AF116", "`**` is not an operator", "a power is written `x ^ 2`", fix)


def _foreign_comment(place: Place) -> Mistake | None:
    if place.found.type != "SLASHES":
        return None
    fix = Fix(place.found.span, "#")
    return Mistake("AF116", "`//` is not an operator", "a comment starts with `#`", fix)


def _foreign_bracket(place: Place) -> Mistake | None:
    if place.found.type not in {"LBRACK", "RBRACK"}:
        return None
    message = f"`{place.found.text}` is not part of the language"
    return Mistake("AF105", message, "arguments stand in round brackets: `delay(close, 1)`")


def _single_equals(place: Place) -> Mistake | None:
    if place.found.type != "ASSIGN" or "EQ" not in place.accepted:
        return None
    fix = Fix(place.found.span, "==")
    return Mistake("AF116", "`=` does not compare", "equality is written `==`", fix)


def _chained_comparison(place: Place) -> Mistake | None:
    if place.found.type not in COMPARISONS or "AND" not in place.accepted:
        return None
    return Mistake("AF117", "comparisons do not chain", "write `a < b and b < c`")


def _open_choice(place: Place) -> Mistake | None:
    if place.accepted != {"COLON"}:
        return None
    return Mistake("AF101", "a choice lacks its `:`", "write `test ? yes : no`")


def _pipe_to_nowhere(place: Place) -> Mistake | None:
    if place.before is None or place.before.type != "PIPE":
        return None
    return Mistake("AF101", "a pipe leads to no operator", "write `x |> rank` or `x |> f(24h)`")


def _strange_literal(place: Place) -> Mistake | None:
    if place.found.type not in {"DATE", "VERSION"} or not place.accepted >= VALUES:
        return None
    kind = "day" if place.found.type == "DATE" else "version"
    return Mistake(
        "AF101",
        f"the {kind} `{place.found.text}` has no place in a formula",
        "put spaces around `-` to subtract" if kind == "day" else "write a number such as `1.5`",
    )


def _missing_operand(place: Place) -> Mistake | None:
    if not place.accepted >= VALUES or place.before is None or place.found.type == "WORD":
        return None
    where = _shown(place.found)
    return Mistake(
        "AF101",
        f"a value is missing after `{place.before.text}`, before {where}",
        "write a field, a number or a formula there",
    )


def _two_values(place: Place) -> Mistake | None:
    is_value = place.found.type in {"NAME", "NUMBER", "LPAR", "DURATION", "PERCENT", "BP", "STRING"}
    if not is_value or place.before is None or "PLUS" not in place.accepted:
        return None
    if place.found.type == "NAME" and place.found.text in {"if", "else"}:
        return Mistake("AF116", f"`{place.found.text}` is not used here", "write `test ? yes : no`")
    if place.found.type == "LPAR":
        return Mistake("AF101", "`(` follows a value", "a product needs its `*`: `2 * (x + 1)`")
    return Mistake(
        "AF101",
        f"{_shown(place.found)} follows a value, with no operator between them",
        "write `+ - * /` or another operator between, or `,` between arguments",
    )


def _unexpected(place: Place) -> Mistake:
    expected = _expected(place.accepted)
    return Mistake(
        "AF101",
        f"{_shown(place.found)} is not expected here",
        f"expected {expected}" if expected else "remove it",
    )


_KNOWN: tuple[Callable[[Place], Mistake | None], ...] = (
    _foreign_power,
    _foreign_comment,
    _foreign_bracket,
    _single_equals,
    _chained_comparison,
    _open_choice,
    _pipe_to_nowhere,
    _strange_literal,
    _missing_operand,
    _two_values,
)


def _shown(token: Token) -> str:
    if token.type == "$END":
        return "the end"
    return f'`"{echo(token.text)}"`' if token.type == "STRING" else f"`{echo(token.text)}`"


def _expected(accepted: AbstractSet[str]) -> str:
    left = set(accepted)
    words: list[str] = []
    for group, word in _GROUPS:
        if group <= left:
            words.append(word)
            left -= group
    if "$END" in left:
        words.append("the end")
    return " or ".join(words[:4])
