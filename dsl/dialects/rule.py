"""One line of a dialect's table: how its operator is called, and what that means here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

from ..shape import Shape

if TYPE_CHECKING:
    from .asked import Asked

Refine: TypeAlias = "Callable[[Asked], str]"
# What a form writes for arguments that may be any number of values.
MANY = "..."
# Between arguments, not in a string.
_COMMA = re.compile(r""",(?=(?:[^"]*"[^"]*")*[^"]*$)""")


@dataclass(frozen=True, slots=True)
class _Written:
    """A default as a form writes it, for help lines."""

    text: str

    def __str__(self) -> str:
        """Return it without quotes of its own."""
        return self.text


@dataclass(frozen=True)
class Rule:
    """An operator of a dialect.

    ``form`` is its call, with defaults: ``ts_rank(x, d, constant=0)``; ``x...`` takes two or more.
    ``means`` is a formula of the language over the same argument names. ``notes`` are keys of the
    dialect's notes. ``refine`` looks at the arguments of one call and returns the formula that
    applies, for the few operators where that depends on them.
    """

    form: str
    means: str
    notes: tuple[str, ...] = ()
    refine: "Refine | None" = None

    @property
    def name(self) -> str:
        """Return the operator's name."""
        return self.form.partition("(")[0]

    @cached_property
    def arguments(self) -> dict[str, str]:
        """Return the arguments' names and the texts of their defaults; no text means required."""
        inner = self.form.partition("(")[2].rpartition(")")[0]
        parts = (part.strip().partition("=") for part in _COMMA.split(inner) if part.strip())
        return {name.removesuffix(MANY): default for name, _, default in parts}

    @property
    def many(self) -> str:
        """Return the name of the argument that takes two or more values, if there is one."""
        return self.form.partition("(")[2].partition(MANY)[0] if MANY in self.form else ""

    @cached_property
    def shape(self) -> Shape:
        """Return the shape by which arguments are put in their places."""
        names = tuple(self.arguments)
        return Shape(
            arguments=names,
            takes={},
            defaults={name: _Written(text) for name, text in self.arguments.items() if text},
            inputs=names,
            parameters=(),
            variadic=self.many,
        )


def table(*rules: Rule) -> dict[str, Rule]:
    """Return rules by name.

    Raises:
        AssertionError: when two of them have one name.
    """
    found = {rule.name: rule for rule in rules}
    assert len(found) == len(rules), "a name stands twice in a dialect's table"
    return found
