"""Syntax to typed nodes: names looked up, arguments placed, kinds, units and causality judged.

A part with a fault becomes nothing, and nothing spreads in silence: each fault is told once, and
the rest of the text is judged all the same.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..core.diagnostics import Fix, Span, echo
from ..core.errors import AlphaForgeError
from .amounts import Amount, amount_of, combine
from .arguments import ArgumentReader
from .calls import place
from .catalogue import SHORTHANDS, Catalogue, FieldInfo
from .expansion import expand
from .faults import Faults
from .feeds import split_field
from .judge import MARKS, Judge
from .naming import Naming
from .nodes import Field, Node, Parameter
from .shape import shape_of
from .syntax import (
    Binary,
    Call,
    Chain,
    Choice,
    Expression,
    Form,
    Items,
    Literal,
    Name,
    Quote,
    Unary,
)
from .values import Bound, Late, Period, Value, Word, constant

_CHAIN_OPERATOR = {
    "PLUS": "add",
    "MINUS": "add",
    "STAR": "mul",
    "SLASH": "div",
    "AND": "and_",
    "OR": "or_",
}


class Binder:
    """Binds the expressions of one text; ``names`` holds the lets and factors bound so far."""

    def __init__(self, catalogue: Catalogue, bar_seconds: int, faults: Faults) -> None:
        """Start without names."""
        self.catalogue = catalogue
        self.bar_seconds = bar_seconds
        self.faults = faults
        self.names: dict[str, Bound] = {}
        self.used: set[str] = set()
        # The other data sets by alias, nothing when `data` could not be read; and those read.
        self.feeds: tuple[str, ...] | None = ()
        self.feeds_read: set[str] = set()
        self.naming = Naming(catalogue, faults)
        self.judge = Judge(faults)
        # mypy cannot see that each type meets its own method.
        self._by_syntax: dict[type, Callable[[Any], Bound]] = {
            Name: self._name,
            Literal: self._literal,
            Quote: self._quote,
            Unary: self._unary,
            Chain: self._chain,
            Binary: self._binary,
            Choice: self._choice,
            Call: self._call,
            Items: self._items,
        }
        self.arguments = ArgumentReader(bar_seconds, faults)
        self._told_late: set[Span] = set()

    def value(self, expression: Expression) -> Value | None:
        """Bind an expression that must be a formula, of what is public at its bar."""
        return self.public(self.as_value(self.bind(expression), expression.span))

    def public(self, value: Value | None) -> Value | None:
        """Return a value that is public at its own bar, or report the fields in it that are not."""
        if value is None or not value.late:
            return value
        for late in value.late:
            if late.span not in self._told_late:
                self.naming.published_late(late)
            self._told_late.add(late.span)
        return None

    def bind(self, expression: Expression) -> Bound:
        """Bind an expression, whatever it is."""
        return self._by_syntax[type(expression)](expression)

    def within(self, names: dict[str, Bound], faults: Faults) -> "Binder":
        """Return a binder of the same language in which these names alone are defined."""
        inner = Binder(self.catalogue, self.bar_seconds, faults)
        inner.names = names
        return inner

    # Names

    def _name(self, name: Name) -> Bound:
        word = name.name
        if word in self.names:
            self.used.add(word)
            return self.names[word]
        info = self.catalogue.fields.get(word)
        if info is not None:
            return _field(word, info, name.span)
        if "." in word:
            return self._feed_field(name)
        if self._is_shorthand(word):
            return self._shorthand(word, "", name.span)
        if word in (self.feeds or ()):
            message, help_ = f"`{word}` is a data set, not a value", f"name a field: `{word}.close`"
            self.faults.error("AF102", message, name.span, help_, Fix(name.span, f"{word}.close"))
            return None
        self.naming.unknown_value(word, list(self.names), name.span)
        return None

    def _feed_field(self, name: Name) -> Bound:
        """Bind a field of another data set, such as ``okx.close``."""
        alias, base = split_field(name.name)
        if self.feeds is None:
            return None
        if alias not in self.feeds:
            self.naming.unknown_feed(name.name, list(self.feeds), name.span)
            return None
        self.feeds_read.add(alias)
        info = self.catalogue.fields.get(base)
        if info is not None:
            return _field(name.name, info, name.span)
        if self._is_shorthand(base):
            return self._shorthand(base, f"{alias}.", name.span)
        self.naming.unknown_feed_field(name.name, name.span)
        return None

    def _is_shorthand(self, word: str) -> bool:
        field = SHORTHANDS.get(word)
        return field in self.catalogue.fields and word in self.catalogue.operators

    def _shorthand(self, word: str, prefix: str, span: Span) -> Bound:
        first = shape_of(self.catalogue.operators[word]).inputs[0]
        return self._build(word, {first: Name(f"{prefix}{SHORTHANDS[word]}", span)}, (), span)

    def _quote(self, quote: Quote) -> Bound:
        return Word(quote.text)

    def _items(self, items: Items) -> Bound:
        self.faults.error(
            "AF214", "a list stands where a value is expected", items.span, "write one value"
        )
        return None

    # Constants

    def _literal(self, literal: Literal) -> Bound:
        if literal.form in {Form.DATE, Form.VERSION}:
            # The grammar lets neither into a formula.
            return None
        amount = amount_of(literal)
        if amount is None:
            self.faults.error(
                "AF108",
                f"float64 cannot hold `{echo(literal.text)}`",
                literal.span,
                "the largest numbers are near 1e308, the smallest near 1e-323",
            )
            return None
        return constant(amount)

    def _unary(self, unary: Unary) -> Bound:
        inner = self.bind(unary.operand)
        if unary.operator == "neg":
            amount = _amount(inner)
            if amount is not None:
                negative = Amount(-amount.value, amount.form)
                if isinstance(unary.operand, Literal):
                    return constant(negative)
                if isinstance(inner, Period):
                    return Period(negative)
                made = self._make("neg", (inner,), (unary.operand.span,), unary.span)
                return _with_amount(made, negative)
        return self._make(unary.operator, (inner,), (unary.operand.span,), unary.span)

    def _chain(self, chain: Chain) -> Bound:
        """Bind a chain from the left; runs of one operator become one wide node."""
        items = [self.bind(operand) for operand in chain.operands]
        amount = _amount(items[0])
        for mark, item in zip(chain.marks, items[1:], strict=True):
            right = _amount(item)
            amount = combine(mark, amount, right) if amount and right else None
        if any(isinstance(item, Period) for item in items) and all(map(_amount, items)):
            return self._period(amount, chain.span)
        return _with_amount(self._runs(chain, items), amount)

    def _period(self, amount: Amount | None, span: Span) -> Bound:
        if amount is not None:
            return constant(amount)
        self.faults.error(
            "AF214",
            "a duration and a number do not go together so",
            span,
            "durations are added to durations, and multiplied or divided by numbers",
        )
        return None

    def _runs(self, chain: Chain, items: list[Bound]) -> Value | None:
        """Make ``a * b / c * d`` of runs: a product, a quotient of it, a product of that."""
        run = [(items[0], chain.operands[0].span)]
        operator = ""
        for mark, operand, item in zip(chain.marks, chain.operands[1:], items[1:], strict=True):
            wanted = _CHAIN_OPERATOR[mark]
            if operator and (wanted != operator or operator == "div"):
                span = Span(chain.span.start, run[-1][1].end)
                run = [(self._close(operator, run), span)]
            operator = wanted
            right = self._negated(item, operand) if mark == "MINUS" else item
            run.append((right, operand.span))
        return self._close(operator, run)

    def _close(self, operator: str, run: list[tuple[Bound, Span]]) -> Value | None:
        span = Span(run[0][1].start, run[-1][1].end)
        items, spans = zip(*run, strict=True)
        return self._make(operator, items, spans, span)

    def _negated(self, item: Bound, operand: Expression) -> Bound:
        """Return what is subtracted; a literal takes the sign itself."""
        amount = _amount(item)
        if amount is not None and isinstance(operand, Literal):
            return constant(Amount(-amount.value, amount.form))
        if isinstance(item, Period):
            return item
        return self._make("neg", (item,), (operand.span,), operand.span)

    # Operators

    def _binary(self, binary: Binary) -> Bound:
        return self._apply(binary.operator, (binary.left, binary.right), binary.span)

    def _choice(self, choice: Choice) -> Bound:
        return self._apply("if_else", (choice.condition, choice.yes, choice.no), choice.span)

    def _call(self, call: Call) -> Bound:
        operator = self.catalogue.aliases.get(call.name, call.name)
        macro = self.catalogue.macros.get(operator)
        if macro is not None:
            return expand(self, macro, call)
        cls = self.catalogue.operators.get(operator)
        if cls is None:
            is_value = call.name in self.names or call.name in self.catalogue.fields
            self.used.add(call.name)
            operator = self.naming.unknown_operator(call.name, call.name_span, is_value=is_value)
            cls = self.catalogue.operators.get(operator)
        if cls is None:
            for argument in call.arguments:
                self.bind(argument.value)
            return None
        shape = shape_of(cls)
        placed = place(call, call.name, shape, self.faults)
        if placed is None:
            for argument in call.arguments:
                self.bind(argument.value)
            return None
        by_name = {name: argument.value for name, argument in placed.by_name.items()}
        rest = tuple(argument.value for argument in placed.rest)
        return self._build(operator, by_name, rest, call.span)

    def _build(
        self,
        operator: str,
        by_name: dict[str, Expression],
        rest: tuple[Expression, ...],
        span: Span,
    ) -> Value | None:
        """Bind the arguments of an operator, and make its node when all are right."""
        cls = self.catalogue.operators[operator]
        shape = shape_of(cls)
        parameters: dict[str, object] = {}
        is_right = True
        inputs: list[Bound] = [self.bind(item) for item in rest]
        spans: list[Span] = [item.span for item in rest]
        for name, expression in by_name.items():
            if name in shape.inputs:
                continue
            read = self._parameter(cls, name, expression)
            is_right = is_right and read is not None
            parameters[name] = read
        for name in shape.inputs:
            inputs.append(self.bind(by_name[name]))
            spans.append(by_name[name].span)
        places = {name: expression.span for name, expression in by_name.items()}
        if not is_right or not self.arguments.are_periods_possible(cls, parameters, places):
            return None
        return self._make(operator, tuple(inputs), tuple(spans), span, parameters)

    def _parameter(
        self, cls: type[Node], name: str, expression: Expression
    ) -> int | float | str | None:
        """Read an argument that is no input; a bare word there is a string without its quotes."""
        is_word = shape_of(cls).takes[name] is Parameter.WORD
        if is_word and isinstance(expression, Name) and expression.name not in self.names:
            self.arguments.unquoted(cls, name, expression)
            return None
        return self.arguments.read(cls, name, self.bind(expression), expression.span)

    def _apply(self, operator: str, parts: tuple[Expression, ...], span: Span) -> Value | None:
        bound = tuple(self.bind(part) for part in parts)
        return self._make(operator, bound, tuple(part.span for part in parts), span)

    def _make(
        self,
        operator: str,
        bound: tuple[Bound, ...],
        spans: tuple[Span, ...],
        span: Span,
        parameters: dict[str, object] | None = None,
    ) -> Value | None:
        """Make a node of bound inputs, and judge it."""
        cls = self.catalogue.operators.get(operator)
        if cls is None:
            self.naming.lacks_mark(MARKS.get(operator, operator), operator, span)
            return None
        placed = zip(bound, spans, strict=True)
        values = [self.as_value(item, at, operator) for item, at in placed]
        inputs = tuple(item for item in values if item is not None)
        if len(inputs) < len(values) or not self.judge.kinds_fit(cls, inputs, spans):
            return None
        node = self._construct(cls, inputs, parameters or {}, span)
        return None if node is None else self.judge.judged(node, inputs, spans, span)

    def _construct(
        self,
        cls: type[Node],
        inputs: tuple[Value, ...],
        parameters: dict[str, object],
        span: Span,
    ) -> Node | None:
        shape = shape_of(cls)
        nodes = tuple(item.node for item in inputs)
        arguments = dict(parameters)
        if shape.variadic:
            arguments[shape.variadic] = nodes
        else:
            arguments.update(zip(shape.inputs, nodes, strict=True))
        try:
            return cls(**arguments)
        except (ValueError, AlphaForgeError) as error:
            # An operator may refuse arguments that do not go together.
            self.faults.error("AF216", f"`{cls.name}`: {echo(str(error))}", span)
            return None

    def as_value(self, bound: Bound, span: Span, operator: str = "") -> Value | None:
        """Return a bound part that must be a formula, or report that it is none."""
        if bound is None or isinstance(bound, Value):
            return bound
        if isinstance(bound, Word):
            message, help_ = "a string stands where a value is expected", "write it without quotes"
        else:
            message = "a duration stands where a value is expected"
            # `min(x, 24h)` is the window's least in some systems.
            over_time = f"ts_{operator}"
            is_known = over_time in self.catalogue.operators
            help_ = (
                f"over a window it is `{over_time}(x, {bound.amount.shown})`"
                if is_known
                else "durations count the bars of windows and lags: `ts_mean(close, 24h)`"
            )
        self.faults.error("AF214", message, span, help_)
        return None


def _field(name: str, info: FieldInfo, span: Span) -> Value:
    lag = info.lag_bars
    late = (Late(name, lag, lag, span),) if lag else ()
    return Value(Field(name), info.kind, info.unit, late=late)


def _amount(bound: Bound) -> Amount | None:
    return bound.amount if isinstance(bound, (Value, Period)) else None


def _with_amount(value: Value | None, amount: Amount | None) -> Value | None:
    return value if value is None or amount is None else replace(value, amount=amount)
