"""One call of a dialect's operator, for the rules that look at its arguments."""

from fractions import Fraction
from typing import TYPE_CHECKING

from ...core.diagnostics import Fix, Span, echo
from ..syntax import Call, Expression, Name, Quote
from .build import constant_of, number
from .rule import Rule
from .template import Filling, filled, parsed

if TYPE_CHECKING:
    from .lowering import Lowering


class RefusedError(Exception):
    """The call has no meaning here; why has been told."""


class Asked:
    """A call with its arguments in their places, in the names of the language already."""

    def __init__(
        self, lowering: "Lowering", rule: Rule, call: Call, values: dict[str, Filling]
    ) -> None:
        """Keep what was asked for; ``values`` may be changed before they are filled in."""
        self.lowering = lowering
        self.rule = rule
        self.call = call
        self.values = values
        self.given = frozenset(values)

    def value(self, name: str) -> Expression:
        """Return one argument; what was left out is its default."""
        found = self.values.get(name)
        if found is None:
            return filled(
                parsed(self.rule.arguments[name]), {}, self.call.span, self.call.name_span
            )
        assert not isinstance(found, tuple)
        return found

    def number(self, name: str) -> Fraction | None:
        """Return an argument that is a plain number, or nothing when it is something else."""
        return constant_of(self.value(name))

    def flag(self, name: str) -> bool:
        """Return an argument that is true or false.

        Raises:
            RefusedError: when it is neither.
        """
        value = self.value(name)
        if isinstance(value, Name) and value.name.lower() in {"true", "false"}:
            return value.name.lower() == "true"
        constant = constant_of(value)
        if constant not in {0, 1}:
            raise self.refused(
                "AF252", f"`{name}` is neither true nor false", "write `true` or `false`", name
            )
        return constant == 1

    def word(self, name: str) -> str:
        """Return an argument that is a word, in quotes or not.

        Raises:
            RefusedError: when it is a formula.
        """
        value = self.value(name)
        if isinstance(value, Name):
            return value.name
        if isinstance(value, Quote):
            return value.text
        raise self.refused(
            "AF252", f"`{name}` is not a word", 'write it in quotes: `"gaussian"`', name
        )

    def only(self, name: str, default: int) -> None:
        """Refuse a number other than the default: nothing here stands for it.

        Raises:
            RefusedError: when it is another.
        """
        if self.number(name) != default:
            raise self.refused(
                "AF252",
                f"`{name}` of `{self.rule.name}` has no counterpart here",
                f"leave it out, or write `{name}={default}`",
                name,
            )

    def wrap(self, name: str, template: str) -> None:
        """Put a formula over ``item`` in place of each value of an argument that is no number."""
        found = self.values[name]
        items = found if isinstance(found, tuple) else (found,)
        span, name_span = self.call.span, self.call.name_span
        made = tuple(
            filled(parsed(template), {"item": item}, span, name_span)
            if constant_of(item) is None
            else item
            for item in items
        )
        self.values[name] = made if isinstance(found, tuple) else made[0]

    def put(self, name: str, text: str) -> None:
        """Put a number in place of an argument."""
        self.values[name] = number(text, self.place(name))

    def note(self, key: str) -> None:
        """Tell a note of the dialect, once a text."""
        self.lowering.note(key, self.call.name_span)

    def place(self, name: str) -> Span:
        """Return where an argument stands, or the call when it was left out."""
        found = self.values.get(name)
        if isinstance(found, tuple) or name not in self.given or found is None:
            return self.call.span
        return found.span

    def source(self, span: Span) -> str:
        """Return the text at a place."""
        return self.lowering.source[span.start : span.end]

    def refused(
        self, code: str, message: str, help_: str, name: str = "", meant: str = ""
    ) -> RefusedError:
        """Report why the call has no meaning, for the caller to raise; ``meant`` is the fix."""
        span = self.place(name) if name else self.call.name_span
        fix = Fix(span, meant) if meant else None
        self.lowering.faults.error(code, message, span, help_, fix)
        return RefusedError(echo(message))
