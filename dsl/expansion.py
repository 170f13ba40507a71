"""A call of a macro, written out: its arguments are bound first, then its formula over them.

What is wrong inside the formula is told at the argument that caused it where that is plain, and
at the call otherwise: the author sees the call, not the formula.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.diagnostics import Diagnostic, Span
from .calls import place
from .faults import Faults
from .macro import Macro, body_of
from .syntax import Call, Expression, names_in
from .values import Bound

if TYPE_CHECKING:
    from .binder import Binder


def expand(binder: "Binder", macro: Macro, call: Call) -> Bound:
    """Bind a call of a macro."""
    placed = place(call, call.name, macro.shape, binder.faults)
    if placed is None:
        for argument in call.arguments:
            binder.bind(argument.value)
        return None
    given = {name: argument.value for name, argument in placed.by_name.items()}
    names = {name: binder.bind(expression) for name, expression in given.items()}
    if None in names.values():
        return None
    for name, default in macro.defaults.items():
        if name not in names:
            names[name] = binder.bind(default)
    body = body_of(macro)
    faults = Faults()
    inner = binder.within(names, faults)
    bound = inner.bind(body)
    binder.judge.is_scale_dependent |= inner.judge.is_scale_dependent
    places = _places(body, given)
    told: set[tuple[str, Span | None]] = set()
    for item in faults.found:
        moved = _moved(item, places, macro, call.span)
        if (moved.code, moved.span) not in told:
            # An argument that stands twice in the formula is wrong once.
            told.add((moved.code, moved.span))
            binder.faults.add(moved)
    return bound


def _places(body: Expression, given: dict[str, Expression]) -> dict[Span, Span]:
    """Return where arguments stand in the formula, and where they stand in the text."""
    return {part.span: given[part.name].span for part in names_in(body) if part.name in given}


def _moved(item: Diagnostic, places: dict[Span, Span], macro: Macro, call: Span) -> Diagnostic:
    fix = item.fix
    if fix is not None:
        fix = replace(fix, span=places[fix.span]) if fix.span in places else None
    span = places.get(item.span, call) if item.span is not None else call
    return replace(item, message=f"{item.message}, in `{macro.name}`", span=span, fix=fix)
