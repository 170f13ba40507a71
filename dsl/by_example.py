"""What to say of the places in ``syntax_examples``: the label says what was being read there."""

from collections.abc import Callable

from ..core.diagnostics import Fix, Span, echo
from .place import Mistake, Place

DEFINING = {"definition with a colon", "definition without a sign"}


def by_example(place: Place) -> Mistake | None:
    """Return the mistake whose example ends at this place, if there is one."""
    return _SHOWN[place.shows](place) if place.shows else None


def _index(place: Place) -> Mistake:
    """Tell of ``close[1]``, an earlier value in some systems."""
    message = "`[` does not reach back"
    before, after = place.before, place.after
    types = [token.type for token in after[:2]]
    is_lag = types == ["NUMBER", "RBRACK"] and after[0].text.isdigit() and int(after[0].text) > 0
    if types[:1] == ["STRING"]:
        return Mistake("AF105", "`[` names no field", f"write `{echo(after[0].text)}` alone")
    if types == ["NAME", "RBRACK"]:
        help_ = "arguments stand in round brackets: `delay(close, 1)`"
        return Mistake("AF105", "`[` opens no arguments", help_)
    if before is None or before.type != "NAME" or not is_lag:
        return Mistake("AF105", message, "an earlier value is `delay(x, 1)`")
    meant = f"delay({before.text}, {after[0].text})"
    fix = Fix(Span(before.start, after[1].end), meant)
    return Mistake("AF105", message, f"an earlier value is `{meant}`", fix, fix.span)


def _list(_place: Place) -> Mistake:
    help_ = "arguments stand in round brackets: `max(close, open)`"
    return Mistake("AF105", "`[` starts no value: there are no lists", help_)


def _plus_sign(place: Place) -> Mistake:
    fix = Fix(place.found.span, "")
    return Mistake("AF101", "`+` is no sign of a value", "leave it out", fix)


def _argument_with_colon(place: Place) -> Mistake:
    name = "" if place.before is None else place.before.text
    help_ = f"write `{name}=`"
    return Mistake("AF116", "`:` gives no argument", help_, Fix(place.found.span, "="))


def _second_value(place: Place) -> Mistake:
    before, after = place.before, place.after
    if before is not None and after and before.type == after[0].type == "NUMBER":
        if before.text == "0":
            meant = f"0.{after[0].text}"
            fix = Fix(Span(before.start, after[0].end), meant)
            return Mistake("AF101", "`,` is no decimal mark", f"write `{meant}`", fix)
        help_ = f"write `{before.text}.{after[0].text}` or `{before.text}{after[0].text}`"
        return Mistake("AF101", "`,` does not stand in a number", help_)
    return Mistake("AF101", "`,` would start a second value", "a formula has one; join them first")


def _end_mark(place: Place) -> Mistake:
    fix = None if place.after else Fix(place.found.span, "")
    help_ = "a formula stands alone; statements stand in `strategy name { ... }`"
    return Mistake("AF101", "`;` ends no formula", help_, fix)


def _statement_with_sign(place: Place) -> Mistake:
    help_ = "the formula stands right behind the statement's word"
    fix = Fix(place.found.span, "")
    return Mistake("AF101", f"no `{place.found.text}` stands before a formula", help_, fix)


def _definition_with_colon(place: Place) -> Mistake:
    sign = place.after[0] if place.after and place.after[0].type == "ASSIGN" else place.found
    fix = Fix(Span(place.found.start, sign.end), "=")
    return Mistake("AF116", "`:` defines nothing", "a name is given with `=`", fix)


def _definition_without_sign(place: Place) -> Mistake:
    fix = Fix(Span(place.found.start, place.found.start), "= ")
    return Mistake("AF101", "the definition lacks its `=`", "write `let x = close`", fix)


def _comment_of_c(_place: Place) -> Mistake:
    help_ = "a comment starts with `#` and ends with its line"
    return Mistake("AF116", "`/` starts no value", help_)


def _pipe_from_nowhere(_place: Place) -> Mistake:
    return Mistake("AF101", "nothing goes into the pipe", "write `x |> rank`")


def _glued_string(_place: Place) -> Mistake:
    help_ = "strings are arguments of a few operators, and stand behind a `,`"
    return Mistake("AF101", "a string follows a value", help_)


# What the places in `syntax_examples` are told as.
_SHOWN: dict[str, Callable[[Place], Mistake]] = {
    "index": _index,
    "list": _list,
    "plus sign": _plus_sign,
    "argument with a colon": _argument_with_colon,
    "second value": _second_value,
    "end mark": _end_mark,
    "statement with a sign": _statement_with_sign,
    "definition with a colon": _definition_with_colon,
    "definition without a sign": _definition_without_sign,
    "comment of C": _comment_of_c,
    "pipe from nowhere": _pipe_from_nowhere,
    "glued string": _glued_string,
}
