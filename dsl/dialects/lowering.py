"""A dialect's syntax to that of the language: names by its tables, places kept."""

from collections.abc import Callable, Mapping

from ...core.diagnostics import Fix, Span, echo
from ..calls import place
from ..catalogue import SHORTHANDS, Catalogue
from ..faults import Faults
from ..habits import Habit, called
from ..limits import LETS_MAX
from ..syntax import (
    REFUSED,
    Argument,
    Binary,
    Call,
    Chain,
    Choice,
    Definition,
    Expression,
    Literal,
    Name,
    Quote,
    Unary,
)
from . import build
from .asked import Asked, RefusedError
from .dialect import Dialect
from .rule import Rule
from .template import Filling, filled, parsed, uses

_COMPARISONS = frozenset({"lt", "le", "gt", "ge", "eq", "ne"})


class Lowering:
    """One text on its way into the language; ``definitions`` are bound before its formula."""

    def __init__(self, source: str, dialect: Dialect, catalogue: Catalogue, faults: Faults) -> None:
        """Start with nothing told and nothing defined."""
        self.source = source
        self.dialect = dialect
        self.catalogue = catalogue
        self.faults = faults
        self.definitions: list[Definition] = []
        self.defined: set[str] = set()
        self.marked: frozenset[int] = frozenset()
        self._told: set[str] = set()
        self._by_type: Mapping[type, Callable[..., Expression]] = {
            Name: self._name,
            Literal: lambda part: part,
            Quote: lambda part: part,
            Unary: self._unary,
            Chain: self._chain,
            Binary: self._binary,
            Choice: self._choice,
            Call: self._call,
        }

    def whole(self, expression: Expression) -> Expression:
        """Lower a formula; the parts whose meaning hangs on their place are found first."""
        self.marked = frozenset(self.dialect.prepare(expression))
        return self.lower(expression)

    def define(self, definition: Definition) -> None:
        """Take an assignment; a name may be given anew, and means the latest from there on."""
        name = definition.name
        if name in self.catalogue.fields or name in SHORTHANDS:
            self.faults.error(
                "AF258",
                f"`{echo(name)}` is the name of a field",
                definition.name_span,
                f"choose another name, such as `my_{echo(name)}`",
            )
        if len(self.defined) == LETS_MAX:
            message = f"there are over {LETS_MAX} assignments"
            self.faults.error("AF124", message, definition.name_span, "write some parts in place")
            return
        value = self.whole(definition.value)
        self.definitions.append(Definition(name, definition.name_span, value))
        self.defined.add(name)

    def note(self, key: str, span: Span) -> None:
        """Tell what the dialect's own system does otherwise, once a text."""
        if key not in self._told:
            self._told.add(key)
            told = self.dialect.notes[key]
            self.faults.note(told.code, told.message, span, told.help)

    def lower(self, part: Expression) -> Expression:
        """Lower one part."""
        return self._by_type[type(part)](part)

    def _name(self, part: Name) -> Expression:
        if part.name in self.defined:
            return part
        made = self.dialect.value(self, part)
        return part if made is None else made

    def _unary(self, part: Unary) -> Expression:
        return build.unary(part.operator, self.lower(part.operand), part.span)

    def _chain(self, part: Chain) -> Expression:
        # A number that `prepare` marked is a part of what stands beside it.
        kept = [item for item in part.operands if not self._is_marked_number(item)]
        operands = tuple(map(self.lower, kept))
        if len(operands) == 1:
            return operands[0]
        return build.chain(operands, part.marks[: len(operands) - 1], part.span)

    def _is_marked_number(self, part: Expression) -> bool:
        return isinstance(part, Literal) and id(part) in self.marked

    def _binary(self, part: Binary) -> Expression:
        if part.operator in _COMPARISONS:
            for key in self.dialect.comparison_notes:
                self.note(key, part.span)
        return build.binary(part.operator, self.lower(part.left), self.lower(part.right), part.span)

    def _choice(self, part: Choice) -> Expression:
        condition, yes, no = map(self.lower, (part.condition, part.yes, part.no))
        return build.choice(condition, yes, no, part.span)

    # Calls

    def _call(self, part: Call) -> Expression:
        rule = self.dialect.rules.get(part.name)
        if rule is not None:
            return self._by_rule(part, rule)
        arguments = tuple(
            Argument(item.name, item.name_span, self.lower(item.value)) for item in part.arguments
        )
        if part.name in self.dialect.absent:
            message = f"`{part.name}` has no counterpart here"
            self.faults.error("AF251", message, part.name_span, self.dialect.absent[part.name])
        elif self.dialect.knows_catalogue and self._is_operator(part.name):
            return build.call(part.name, part.name_span, arguments, part.span)
        else:
            self._unknown(part)
        return refused(part.span)

    def _is_operator(self, name: str) -> bool:
        known = self.catalogue
        is_own = known.shape_of(name) is not None or name in known.aliases
        return name in self.dialect.rules or is_own

    def _unknown(self, part: Call) -> None:
        known = list(self.dialect.rules)
        if self.dialect.knows_catalogue:
            mine = self.catalogue
            known += [*mine.operators, *mine.macros, *mine.aliases]
        folded = {name.lower(): name for name in known}
        meant = folded.get(part.name.lower())
        habit = None if meant else self._habit(part.name)
        if habit is None:
            meant = meant or self.faults.nearest(part.name, known)
            said = f"did you mean `{meant}`?" if meant else ""
            habit = Habit(said or f"it is no operator of {self.dialect.title}", meant or "")
        self.faults.error(
            "AF103",
            f"unknown operator `{echo(part.name)}`",
            part.name_span,
            habit.help,
            Fix(part.name_span, habit.meant) if habit.meant else None,
        )

    def _habit(self, word: str) -> Habit | None:
        """Say what a word of another language is called in this dialect, if it is known."""
        mine = self.catalogue
        known = frozenset((*mine.operators, *mine.macros, *mine.aliases))
        habit = Habit("", word) if word in known else called(word, known, mine.fields.keys())
        if habit is None or self.dialect.knows_catalogue:
            return habit
        operator = mine.aliases.get(habit.meant, habit.meant)
        if not operator:
            return None
        if operator in self.dialect.absent:
            return Habit(self.dialect.absent[operator])
        for rule in self.dialect.rules.values():
            if rule.means.partition("(")[0] == operator:
                return Habit(f"write `{rule.name}`", rule.name)
        return Habit(f"`{operator}` is of the dialect `af`; a text has one dialect")

    def _by_rule(self, part: Call, rule: Rule) -> Expression:
        placed = place(part, rule.name, rule.shape, self.faults)
        if placed is None:
            for argument in part.arguments:
                self.lower(argument.value)
            return refused(part.span)
        values: dict[str, Filling] = {
            name: self.lower(argument.value) for name, argument in placed.by_name.items()
        }
        if rule.many:
            values[rule.many] = tuple(self.lower(argument.value) for argument in placed.rest)
        asked = Asked(self, rule, part, values)
        for key in rule.notes:
            asked.note(key)
        try:
            means = rule.refine(asked) if rule.refine is not None else rule.means
        except RefusedError:
            return refused(part.span)
        return self._fill(parsed(means), asked)

    def _fill(self, template: Expression, asked: Asked) -> Expression:
        """Fill a formula; what it names twice is bound once, under a name no text can hold."""
        holes: dict[str, Filling] = {}
        for name, count in uses(template).items():
            if name not in asked.rule.arguments and name not in asked.values:
                continue
            value = asked.values.get(name)
            value = asked.value(name) if value is None else value
            is_leaf = isinstance(value, (Name, Literal, Quote, tuple))
            holes[name] = value if count == 1 or is_leaf else self._named(value)
        return filled(template, holes, asked.call.span, asked.call.name_span)

    def _named(self, value: Filling) -> Name:
        assert not isinstance(value, tuple)
        name = f"({len(self.definitions)})"
        self.definitions.append(Definition(name, value.span, value))
        return Name(name, value.span)


def refused(span: Span) -> Name:
    """Return what stands for a part whose fault has been told."""
    return Name(REFUSED, span)
