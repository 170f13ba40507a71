"""What is said of the word under the cursor."""

from dataclasses import dataclass

from ...core.diagnostics import Span
from ...core.durations import duration_text, seconds_of
from ..catalogue import SHORTHANDS, Catalogue
from ..facts import warmup_bars
from ..feeds import split_field
from ..lexer import Token
from ..rules import Kind
from ..statement import specs
from ..strategy import Strategy
from ..syntax import Statement
from ..values import Period, Value
from .about import argument_text, call_of, call_page, field_text, statement_text, unit_text
from .place import place_at
from .survey import Survey, is_setting

_MARKS = {
    "PIPE": "`x |> f(y)` is `f(x, y)`; `x |> f` is `f(x)`.",
    "CARET": "A power; it reads from the right: `2 ^ 3 ^ 2` is `2 ^ 9`.",
    "QUESTION": "`test ? yes : no`: a choice; the branch not taken does no harm.",
    "AND": "Yes where both are; missing where one is.",
    "OR": "Yes where one is; missing where one is.",
    "NOT": "Yes where the condition is no; missing where it is.",
}


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown, and the characters that it is about."""

    text: str
    span: Span


def hover_at(known: Survey, offset: int, catalogue: Catalogue) -> Hover | None:
    """Say what stands at a place; nothing where there is nothing to say."""
    at = known.at(offset)
    if at is None:
        return None
    token = known.tokens[at]
    text = _of_name(known, at, catalogue) if token.type == "NAME" else _of_literal(known, token)
    return Hover(text, token.span) if text else None


def _of_name(known: Survey, at: int, catalogue: Catalogue) -> str:
    token = known.tokens[at]
    part = known.part_of(token)
    after = known.tokens[at + 1].type if at + 1 < len(known.tokens) else ""
    spec = specs().get(token.text)
    if part and part[0] is token and spec is not None:
        return statement_text(spec)
    if is_setting(part, token):
        return f"A word of `{part[0].text}`.\n\n" + statement_text(specs()[part[0].text])
    if after == "ASSIGN" and not (part and part[1] is token):
        return _of_argument(known, token, catalogue)
    defined = known.definition_of(token.text)
    if defined is not None:
        return named_text(known, defined)
    is_call = after == "LPAR" or (at > 0 and known.tokens[at - 1].type == "PIPE")
    return call_page(token.text, catalogue) if is_call else _of_field(known, token, catalogue)


def _of_field(known: Survey, token: Token, catalogue: Catalogue) -> str:
    alias, base = split_field(token.text)
    info = catalogue.fields.get(base)
    if info is not None and (not alias or alias in known.feeds):
        return field_text(info, token.text)
    return call_page(token.text, catalogue) if token.text in SHORTHANDS else ""


def _of_argument(known: Survey, token: Token, catalogue: Catalogue) -> str:
    call = place_at(known.text, token.start).call
    found = call_of(call.name, catalogue) if call else None
    if found is None:
        return ""
    name, shape, cls = found
    if token.text not in shape.arguments:
        return ""
    said = argument_text(cls, token.text) if cls else "a value"
    return f"The argument `{token.text}` of `{shape.call_text(name)}`: {said}."


def named_text(known: Survey, defined: Statement) -> str:
    """Say what a let, factor or the like stands for."""
    lines = [f"```alphaforge\n{known.written(defined.span)}\n```"]
    value = known.values.get(defined.defines)
    if isinstance(value, Value):
        unit = "" if value.kind is Kind.GROUP else f", unit {unit_text(value.unit)}"
        bars = warmup_bars(Strategy("", value.node, known.bar_seconds))
        warmup = f", first answer after {bars} bars" if bars else ""
        lines.append(f"A {defined.keyword}: {value.kind.value}{unit}{warmup}.")
    elif isinstance(value, Period):
        lines.append(f"A {defined.keyword}: a duration.")
    else:
        lines.append(f"A {defined.keyword}; its formula has a fault.")
    return "\n".join(lines)


def _of_literal(known: Survey, token: Token) -> str:
    if token.type == "DURATION":
        seconds, bar = seconds_of(token.text), known.bar_seconds
        shown = duration_text(bar)
        if seconds % bar:
            return f"`{token.text}` is no whole number of bars of {shown}."
        bars = seconds // bar
        return f"`{token.text}` is {bars} bar{'' if bars == 1 else 's'} of {shown}."
    if token.type == "PERCENT":
        return f"`{token.text}` is {float(token.text[:-1]) / 100:.12g}."
    if token.type == "BP":
        return f"`{token.text}` is {float(token.text[:-2]) / 10_000:.12g}."
    return _MARKS.get(token.type, "")
