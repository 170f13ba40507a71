"""What the reader of a statement asks for: shares, counts, bars, costs, judged as they are read."""

from decimal import Decimal

from ..core.diagnostics import Fix, Span, echo
from .amounts import Amount, decimal_of
from .binder import Binder
from .catalogue import Catalogue
from .faults import Faults
from .statement import specs
from .syntax import Expression, Form, Items, Name, Setting, Settings
from .values import Period, Value, Word

COUNT_MAX = 10_000
_BP_PER_SHARE = 10_000


class Desk:
    """Reads the settings of one strategy's statements."""

    # The settings whose value has a share behind it: `max_group sector 30%`.
    with_share = frozenset({"max_group"})

    def __init__(self, binder: Binder, faults: Faults) -> None:
        """Read with the names the binder knows."""
        self.binder = binder
        self.faults = faults

    @property
    def catalogue(self) -> Catalogue:
        """Return what is known."""
        return self.binder.catalogue

    def by_word(self, settings: Settings) -> dict[str, Setting]:
        """Return settings by their word; report a word that comes twice."""
        found: dict[str, Setting] = {}
        for setting in settings.settings:
            if setting.word in found:
                self.faults.error(
                    "AF113", f"`{setting.word}` is said twice", setting.span, "keep one of the two"
                )
            found.setdefault(setting.word, setting)
            if setting.share is not None and setting.word not in self.with_share:
                self.faults.error(
                    "AF231",
                    f"`{setting.word}` takes one value",
                    setting.share.span,
                    "put a comma between settings, or remove the second value",
                )
        return found

    def bare(self, setting: Setting | None, help_: str = "") -> bool:
        """Tell whether a word without a value is there; a value is told with ``help_``."""
        if setting is not None and setting.value is not None:
            self.faults.error(
                "AF231",
                f"`{setting.word}` takes no value",
                setting.value.span,
                help_ or "put a comma behind the word, or remove the value",
            )
        return setting is not None

    def value(self, setting: Setting | None) -> Value | None:
        """Read a formula."""
        expression = self._expression(setting)
        return None if expression is None else self.binder.value(expression)

    def bars(self, setting: Setting | None, *, least: int = 1) -> int | None:
        """Read a duration or a count of bars."""
        expression = self._expression(setting)
        if setting is None or expression is None:
            return None
        bound = self.binder.bind(expression)
        what = f"`{setting.word}`"
        return self.binder.arguments.bars(bound, expression.span, what, least=least)

    def count(self, setting: Setting | None) -> int | None:
        """Read a whole number of at least 1."""
        amount = self.amount(setting, {Form.NUMBER}, "a whole number such as `10`")
        if setting is None or amount is None:
            return None
        if amount.value.denominator == 1 and 1 <= amount.value <= COUNT_MAX:
            return int(amount.value)
        self._report_range(setting, f"write a whole number from 1 to {COUNT_MAX}")
        return None

    def number(
        self, setting: Setting | None, *, low: Decimal, high: Decimal, form: str
    ) -> Decimal | None:
        """Read a number or percentage above ``low``, up to ``high``."""
        amount = self.amount(setting, {Form.NUMBER, Form.PERCENT}, form)
        if setting is None or amount is None:
            return None
        number = self._decimal(amount, setting)
        if number is not None and not low < number <= high:
            self._report_range(setting, f"write {form}, above {low} and up to {high}")
            return None
        return number

    def basis_points(self, setting: Setting | None) -> Decimal | None:
        """Read a cost; a bare number is refused, for nobody knows its unit."""
        form = "basis points such as `5bp`, or a percentage such as `0.05%`"
        amount = self.amount(setting, {Form.BP, Form.PERCENT}, form)
        if setting is None or amount is None:
            return None
        number = self._decimal(Amount(amount.value * _BP_PER_SHARE, amount.form), setting)
        if number is not None and not 0 <= number < _BP_PER_SHARE:
            self._report_range(setting, "write a cost from `0bp` to below `100%`")
            return None
        return number

    def switch(self, setting: Setting | None) -> bool | None:
        """Read ``on`` or ``off``."""
        expression = self._expression(setting)
        if setting is None or expression is None:
            return None
        if isinstance(expression, Name) and expression.name in {"on", "off"}:
            return expression.name == "on"
        self.faults.error(
            "AF232",
            f"`{setting.word}` is neither on nor off",
            expression.span,
            f"write `{setting.word} on` or `{setting.word} off`",
        )
        return None

    def quotes(self, setting: Setting | None) -> tuple[str, ...]:
        """Read strings, one or a list of them; in their order, each once."""
        expression = self._expression(setting)
        if setting is None or expression is None:
            return ()
        items = expression.values if isinstance(expression, Items) else (expression,)
        found: set[str] = set()
        for item in items:
            if isinstance(item, Name) and item.name.isupper():
                # Names in a text are small letters: this is a symbol without its quotes.
                self.faults.error(
                    "AF232",
                    f"`{echo(item.name)}` is not in quotes",
                    item.span,
                    f'write `"{echo(item.name)}"`: instruments are named by strings',
                    Fix(item.span, f'"{item.name}"'),
                )
                continue
            bound = self.binder.bind(item)
            if isinstance(bound, Word) and bound.text:
                found.add(bound.text)
            elif bound is not None:
                self.faults.error(
                    "AF232",
                    f"`{setting.word}` names no instrument",
                    item.span,
                    f'write `{setting.word} "BTCUSDT"`, or `{setting.word} ["BTCUSDT", "ETHUSDT"]`',
                )
        return tuple(sorted(found))

    def lacks(self, statement: str, word: str, span: Span, body: Settings) -> None:
        """Report that a statement lacks a setting it needs, unless a clause of it was dropped."""
        if body.is_whole:
            form = specs()[statement.partition(" ")[0]].form
            self.faults.error("AF231", f"`{statement}` lacks `{word}`", span, f"write `{form}`")

    def _expression(self, setting: Setting | None) -> Expression | None:
        if setting is None:
            return None
        if setting.value is None:
            self.faults.error(
                "AF231",
                f"`{setting.word}` lacks its value",
                setting.span,
                "write the value behind the word",
            )
        return setting.value

    def amount(self, setting: Setting | None, forms: set[Form], form: str) -> Amount | None:
        """Read a constant of one of some forms; ``form`` is how one is written."""
        expression = self._expression(setting)
        if setting is None or expression is None:
            return None
        bound = self.binder.bind(expression)
        if bound is None:
            return None
        amount = bound.amount if isinstance(bound, (Value, Period)) else None
        if amount is not None and amount.form in forms:
            return amount
        self.faults.error(
            "AF232",
            f"`{setting.word}` is not {form.partition(' such as')[0]}",
            expression.span,
            f"write {form}",
        )
        return None

    def _decimal(self, amount: Amount, setting: Setting) -> Decimal | None:
        number = decimal_of(amount)
        if number is None:
            self._report_range(setting, "write a decimal: this value has no end")
        return number

    def _report_range(self, setting: Setting, help_: str) -> None:
        assert setting.value is not None
        self.faults.error("AF230", f"`{setting.word}` is out of range", setting.value.span, help_)
