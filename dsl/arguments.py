"""The arguments of operators that are no formulas: windows, lags, numbers and words."""

import re
from collections.abc import Mapping
from typing import TypeVar

from ..core.diagnostics import Fix, Span, echo
from .amounts import Amount
from .faults import Faults
from .nodes import BARS_MAX, Node, Parameter
from .shape import shape_of
from .syntax import Form, Name
from .values import Bound, Period, Value, Word

# The whole numbers that are lengths of time; other whole numbers are counts of something else.
TIMED = frozenset({"bars", "min_periods"})
_COUNT = re.compile(r"[1-9][0-9]{0,5}[smhdw]?")
N = TypeVar("N", int, float)


class ArgumentReader:
    """Reads one argument at a time on a grid of bars."""

    def __init__(self, bar_seconds: int, faults: Faults) -> None:
        """Keep the length of a bar: durations are counted in it."""
        self.bar_seconds = bar_seconds
        self.faults = faults

    def read(
        self, cls: type[Node], name: str, bound: Bound, span: Span
    ) -> int | float | str | None:
        """Return an argument's value, or report why it is none."""
        if bound is None:
            return None
        takes = shape_of(cls).takes[name]
        if takes is Parameter.WORD:
            return self._word(cls, name, bound, span)
        if takes is Parameter.NUMBER:
            return self._number(cls, name, bound, span)
        if name in TIMED:
            return self._window(cls, name, bound, span)
        return self._count(cls, name, bound, span)

    def _window(self, cls: type[Node], name: str, bound: Bound, span: Span) -> int | None:
        # A least count of finite bars may be 0, which stands for all of the window.
        least = 0 if shape_of(cls).defaults.get(name) == 0 else 1
        bars = self.bars(bound, span, f"`{name}` of `{cls.name}`", least=least)
        return None if bars is None else self._ranged(cls, name, bars, span)

    def are_periods_possible(
        self, cls: type[Node], parameters: Mapping[str, object], spans: Mapping[str, Span]
    ) -> bool:
        """Report a least count of finite bars that no window of so many bars can reach."""
        bars, least = parameters.get("bars"), parameters.get("min_periods")
        if not isinstance(bars, int) or not isinstance(least, int) or least <= bars:
            return True
        self.faults.error(
            "AF219",
            f"`min_periods` of `{cls.name}` is {least}, and the window has {bars} bars",
            spans["min_periods"],
            f"write {bars} or less; left out, all bars must be there",
            Fix(spans["min_periods"], str(bars)),
        )
        return False

    def _count(self, cls: type[Node], name: str, bound: Bound, span: Span) -> int | None:
        number = self._number(cls, name, bound, span)
        if number is None:
            return None
        if number != int(number):
            self._report(cls, name, "a whole number", span)
            return None
        return int(number)

    def bars(self, bound: Bound, span: Span, what: str, *, least: int = 1) -> int | None:
        """Return a count of bars, from a count or a duration."""
        amount = bound.amount if isinstance(bound, (Value, Period)) else None
        if bound is None:
            return None
        if amount is None or amount.form in {Form.PERCENT, Form.BP}:
            quoted = bound.text if isinstance(bound, Word) else ""
            meant = quoted if _COUNT.fullmatch(quoted) else ""
            self.faults.error(
                "AF202",
                f"{what} is not a constant count of bars",
                span,
                f"write `{meant}` without quotes"
                if meant
                else "write a duration such as `24h`, or a count such as `24`",
                Fix(span, meant) if meant else None,
            )
            return None
        if amount.form is Form.DURATION:
            amount = self._in_bars(amount, span)
            if amount is None:
                return None
        return self._within(amount, span, what, least)

    def _in_bars(self, amount: Amount, span: Span) -> Amount | None:
        bars = amount.value / self.bar_seconds
        if bars.denominator == 1:
            return Amount(bars, Form.NUMBER)
        bar = Amount(type(amount.value)(self.bar_seconds), Form.DURATION).shown
        self.faults.error(
            "AF204",
            f"`{amount.shown}` is not a whole number of bars of `{bar}`",
            span,
            f"write a multiple of `{bar}`",
        )
        return None

    def _within(self, amount: Amount, span: Span, what: str, least: int) -> int | None:
        bars = amount.value.numerator // amount.value.denominator
        if bars < least:
            ahead = "would look ahead" if amount.value < 0 else "is less than one bar"
            self.faults.error(
                "AF201",
                f"{what} is {amount.shown}, which {ahead}",
                span,
                f"write {least} or more: a formula sees the current bar and those before it",
            )
            return None
        if bars > BARS_MAX:
            self.faults.error(
                "AF203",
                f"{what} is over {BARS_MAX} bars",
                span,
                "shorten the window, or use a longer bar",
            )
            return None
        if amount.value.denominator != 1:
            self.faults.note(
                "AF303",
                f"{what} is {amount.shown}; {bars} bars are used",
                span,
                f"write `{bars}`",
                Fix(span, str(bars)),
            )
        return bars

    def _number(self, cls: type[Node], name: str, bound: Bound, span: Span) -> float | None:
        if not isinstance(bound, Value) or bound.amount is None:
            self.faults.error(
                "AF214",
                f"`{name}` of `{cls.name}` is not a constant number",
                span,
                "write a number such as `0.5`",
            )
            return None
        return self._ranged(cls, name, float(bound.amount.value), span)

    def _word(self, cls: type[Node], name: str, bound: Bound, span: Span) -> str | None:
        if not isinstance(bound, Word):
            allowed = cls.words.get(name, ("a",))
            self.faults.error(
                "AF214",
                f"`{name}` of `{cls.name}` is not a string",
                span,
                f'write it in quotes: `"{allowed[0]}"`',
            )
            return None
        if name not in cls.words or bound.text in cls.words[name]:
            return bound.text
        meant = self.faults.nearest(bound.text.lower(), cls.words[name])
        self._not_a_word(cls, name, f'"{echo(bound.text)}"', span, meant)
        return None

    def unquoted(self, cls: type[Node], name: str, word: Name) -> None:
        """Report a word that stands without its quotes, or is none that the argument takes."""
        allowed = cls.words.get(name, (word.name,))
        near = self.faults.nearest(word.name.lower(), allowed)
        meant = word.name if word.name in allowed else near
        if meant is None:
            self._not_a_word(cls, name, echo(word.name), word.span)
            return
        self.faults.error(
            "AF296",
            f"`{name}` of `{cls.name}` is a word: `{echo(word.name)}` needs quotes",
            word.span,
            f'write `"{meant}"`',
            Fix(word.span, f'"{meant}"'),
        )

    def _not_a_word(
        self, cls: type[Node], name: str, shown: str, span: Span, meant: str | None = None
    ) -> None:
        listed = ", ".join(f'`"{word}"`' for word in cls.words[name])
        self.faults.error(
            "AF295",
            f"`{name}` of `{cls.name}` cannot be `{shown}`",
            span,
            f'did you mean `"{meant}"`? It is one of {listed}'
            if meant
            else f"it is one of {listed}",
            Fix(span, f'"{meant}"') if meant else None,
        )

    def _ranged(self, cls: type[Node], name: str, number: N, span: Span) -> N | None:
        low, high = cls.ranges.get(name, (number, number))
        if low <= number <= high:
            return number
        self._report(cls, name, f"a number from {low:g} to {high:g}", span)
        return None

    def _report(self, cls: type[Node], name: str, wanted: str, span: Span) -> None:
        self.faults.error(
            "AF219", f"`{name}` of `{cls.name}` is out of range", span, f"write {wanted}"
        )
