"""What to say when a mark or word stands where the grammar has no place for it."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet

from ..core.diagnostics import Fix, Span, echo
from .by_example import DEFINING, by_example
from .faults import Faults
from .foreign import INFIX, PAIRS, PREFIX, Foreign
from .lexer import Token
from .literals import UNITS
from .place import Mistake, Place

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
    ({"IN"}, "`in`"),
    ({"LBRACK"}, "`[`"),
    ({"RBRACK"}, "`]`"),
    ({"WORD"}, "a setting"),
)


def report_mistake(place: Place, faults: Faults) -> None:
    """Report the mistake that the place most likely shows."""
    found = place.found
    mistake = next(
        (told for recognize in _KNOWN if (told := recognize(place)) is not None), _unexpected(place)
    )
    stopped = found.span if found.type != "$END" else Span(found.start, found.start)
    span = mistake.span or stopped
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


def _foreign_pair(place: Place) -> Mistake | None:
    """Tell of two marks that are one elsewhere, such as ``<>``."""
    if place.shows in DEFINING:
        return None
    for first, second in (
        (place.before, place.found),
        (place.found, place.after[0] if place.after else None),
    ):
        # A formatter may have put a blank between them.
        if first is None or second is None or second.start - first.end > 1:
            continue
        foreign = PAIRS.get(first.text + second.text)
        if foreign is not None:
            return _mistake(foreign, Span(first.start, second.end))
    return None


def _foreign_word(place: Place) -> Mistake | None:
    """Tell of words such as ``if`` and ``lambda``, by the places they take elsewhere."""
    found, before = place.found, place.before
    if "PLUS" not in place.accepted and not place.accepted >= VALUES:
        return None
    if found.type == "NAME" and found.text in INFIX:
        return _mistake(INFIX[found.text], found.span)
    if before is not None and before.type == "NAME" and before.text in PREFIX:
        return _mistake(PREFIX[before.text], before.span)
    return None


def _mistake(foreign: Foreign, span: Span) -> Mistake:
    fix = None if foreign.meant is None else Fix(span, foreign.meant)
    return Mistake("AF116", foreign.message, foreign.help, fix, span)


def _foreign_bracket(place: Place) -> Mistake | None:
    if place.found.type not in {"LBRACK", "RBRACK"}:
        return None
    message = f"`{place.found.text}` is not part of the language"
    return Mistake("AF105", message, "arguments stand in round brackets: `delay(close, 1)`")


def _loose_unit(place: Place) -> Mistake | None:
    """Tell of a duration in two words."""
    before, found = place.before, place.found
    if before is None or before.type != "NUMBER" or not before.text.isdigit():
        return None
    if found.type != "NAME" or found.text not in UNITS:
        return None
    meant = f"{before.text}{UNITS[found.text]}"
    fix = place.joined(before.start, meant)
    return Mistake("AF101", "a duration is one word", f"write `{meant}`", fix, fix.span)


def _single_equals(place: Place) -> Mistake | None:
    if place.found.type != "ASSIGN" or "EQ" not in place.accepted:
        return None
    if place.is_second and place.before is not None and place.before.type == "NAME":
        help_ = "equality is written `==`; a name is given in a strategy: `let x = close`"
        return Mistake("AF116", "`=` neither compares nor defines here", help_)
    fix = Fix(place.found.span, "==")
    return Mistake("AF116", "`=` does not compare", "equality is written `==`", fix)


def _chained_comparison(place: Place) -> Mistake | None:
    if place.found.type not in COMPARISONS or "AND" not in place.accepted:
        return None
    return Mistake("AF117", "comparisons do not chain", "write `a < b and b < c`")


def _range_of_days(place: Place) -> Mistake | None:
    if place.accepted != {"DOTS"}:
        return None
    is_mark = place.found.type in {"NAME", "MINUS", "COLON", "COMMA"}
    fix = Fix(place.found.span, "..") if is_mark else None
    help_ = "write `2025-05-01 .. 2025-11-30`"
    return Mistake("AF101", "a range of days lacks its `..`", help_, fix)


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
    if not place.accepted >= VALUES or place.found.type == "WORD":
        return None
    where = _shown(place.found)
    if place.before is None:
        help_ = "a formula starts with a field, a number or an operator"
        return Mistake("AF101", f"a value is missing before {where}", help_)
    return Mistake(
        "AF101",
        f"a value is missing after `{place.before.text}`, before {where}",
        "write a field, a number or a formula there",
    )


def _two_values(place: Place) -> Mistake | None:
    is_value = place.found.type in {"NAME", "NUMBER", "LPAR", "DURATION", "PERCENT", "BP", "STRING"}
    if not is_value or place.before is None or "PLUS" not in place.accepted:
        return None
    if place.found.type == "LPAR":
        return Mistake("AF101", "`(` follows a value", "a product needs its `*`: `2 * (x + 1)`")
    if place.before.type == place.found.type == "NAME":
        meant = f"{place.before.text}({place.found.text})"
        return Mistake(
            "AF101",
            f"{_shown(place.found)} follows a value, with no operator between them",
            f"write `+ - * /` between two values, and the arguments of an operator in brackets: "
            f"`{echo(meant)}`",
        )
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
    _foreign_pair,
    _foreign_word,
    _loose_unit,
    by_example,
    _foreign_bracket,
    _single_equals,
    _chained_comparison,
    _range_of_days,
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
