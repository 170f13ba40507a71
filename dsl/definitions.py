"""Lets, factors and features: names that must be new and free of cycles, bound inputs first."""

import re
from collections.abc import Container, Sequence

from ..core.diagnostics import echo
from . import limits
from .binder import Binder
from .faults import Faults
from .rules import Kind
from .statement import FACTOR, FEATURE, PARAM
from .syntax import Definition, Domain, Statement, names_in
from .values import Value

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# What others see by its name: factors in reports, features beside the signal's values.
_SHOWN = (FACTOR.keyword, FEATURE.keyword)


def bind_definitions(
    statements: Sequence[Statement], binder: Binder, faults: Faults
) -> tuple[tuple[str, str, Value], ...]:
    """Bind all definitions into the binder's names.

    Factors and features are returned in their order: keyword, name, value.
    """
    known = _collect(statements, binder, faults)
    for statement in statements:
        # A name whose definition is wrong is known as wrong: its uses are not faults of their own.
        is_name = statement.defines and statement.defines not in binder.catalogue.fields
        if is_name and statement.keyword != PARAM.keyword:
            binder.names[statement.defines] = None
    for name in _in_order(known, faults):
        binder.names[name] = binder.bind(known[name][1].value)
    shown = []
    for name, (keyword, definition) in known.items():
        if keyword not in _SHOWN:
            continue
        bound = binder.names.get(name)
        value = binder.public(binder.as_value(bound, definition.value.span))
        binder.names[name] = value
        if value is not None and value.kind is Kind.GROUP:
            faults.error(
                "AF236",
                f"the {keyword} `{name}` is groups, not numbers",
                definition.value.span,
                "name groups with `let`",
            )
        elif value is not None:
            shown.append((keyword, name, value))
    return tuple(shown)


def note_unused(statements: Sequence[Statement], binder: Binder, faults: Faults) -> None:
    """Note the names that nothing uses."""
    for statement in statements:
        definition = statement.body
        # A feature is written for those who read its values: the signal need not use it.
        if statement.keyword == FEATURE.keyword or not isinstance(definition, (Definition, Domain)):
            continue
        if definition.name not in binder.used:
            faults.note(
                "AF304",
                f"the {statement.keyword} `{definition.name}` is not used",
                definition.name_span,
                "remove it, or use it in the signal",
            )


def _collect(
    statements: Sequence[Statement], binder: Binder, faults: Faults
) -> dict[str, tuple[str, Definition]]:
    """Return the definitions by name; report names that cannot be had."""
    known: dict[str, tuple[str, Definition]] = {}
    for statement in statements:
        definition = statement.body
        if not isinstance(definition, Definition):
            continue
        if len(known) == limits.LETS_MAX:
            faults.error(
                "AF124",
                f"the strategy defines over {limits.LETS_MAX} names",
                definition.name_span,
                "write small parts where they are used",
            )
            break
        if name_is_free(definition, {*known, *binder.names}, binder, faults):
            known[definition.name] = (statement.keyword, definition)
    return known


def name_is_free(
    definition: Definition | Domain, known: Container[str], binder: Binder, faults: Faults
) -> bool:
    """Tell whether a name can be had, or report why not; ``known`` are those defined already."""
    name, catalogue = definition.name, binder.catalogue
    if name in known:
        faults.error(
            "AF221",
            f"`{name}` is defined twice",
            definition.name_span,
            "a name means one thing in a text; choose another",
        )
        return False
    taken = (
        ("a field", catalogue.fields),
        ("an operator", catalogue.operators),
        ("an operator", catalogue.macros),
        ("an operator", catalogue.aliases),
    )
    for what, names in taken:
        if name in names:
            faults.error(
                "AF220",
                f"`{name}` is {what} already",
                definition.name_span,
                f"choose another name, such as `my_{name}`"[:80],
            )
            return False
    if not _NAME.fullmatch(name):
        faults.error(
            "AF220",
            f"`{echo(name)}` cannot be a name",
            definition.name_span,
            "a name is small letters, digits and `_`, and starts with a letter",
        )
        return False
    return True


def _in_order(known: dict[str, tuple[str, Definition]], faults: Faults) -> list[str]:
    """Return the names so that each comes after those it uses; report cycles and leave them out.

    Not recursive: a chain of lets may be as long as their ceiling.
    """
    uses = {
        name: [part.name for part in names_in(definition.value) if part.name in known]
        for name, (_, definition) in known.items()
    }
    ordered: list[str] = []
    state: dict[str, str] = {}
    for root in known:
        path = [root]
        while path:
            name = path[-1]
            state.setdefault(name, "open")
            following = next((used for used in uses[name] if state.get(used) != "done"), None)
            if following is None or state[name] == "done":
                if state[name] != "done":
                    ordered.append(name)
                state[name] = "done"
                path.pop()
            elif state.get(following) == "open":
                _report_cycle(path[path.index(following) :], known, faults)
                uses[name] = [used for used in uses[name] if used != following]
            else:
                path.append(following)
    return ordered


def _report_cycle(
    cycle: list[str], known: dict[str, tuple[str, Definition]], faults: Faults
) -> None:
    shown = " uses ".join(f"`{name}`" for name in [*cycle, cycle[0]])
    faults.error(
        "AF222",
        f"a definition uses itself: {shown}"[:200],
        known[cycle[-1]][1].name_span,
        "a value of the past is `delay(x, 1)` of a field or formula",
    )
