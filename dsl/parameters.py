"""``param``: names for constants that a text may be varied in, and the choice among their values.

1. A choice from outside is written into the text, as the default of its parameter. So the variant
   that was chosen is a text of its own, which says what it is without being told again.
2. A parameter is bound to its default, or else its first value, before anything else is bound. From
   then on it is a constant like any other: the strategy that comes of it holds no parameter.
"""

from collections.abc import Mapping, Sequence

from ..core.canonical import decimal_text
from ..core.diagnostics import Fix, Span, echo
from ..core.durations import duration_text
from ..core.nearest import nearest
from .amounts import Amount, decimal_of
from .binder import Binder
from .definitions import name_is_free
from .faults import Faults
from .lexer import Token, tokenize
from .printer import quoted
from .statement import PARAM
from .sweep import Param
from .syntax import NOWHERE, Domain, Expression, Form, Literal, Quote, Statement, Text, names_in
from .values import Bound, Period, Value, Word, constant

VALUES_MAX = 200
_CONSTANTS = {"NUMBER", "DURATION", "PERCENT", "BP", "STRING"}
_PER_SHARE = {Form.PERCENT: (2, "%"), Form.BP: (4, "bp")}


def with_choices(text: str, parsed: Text, params: Mapping[str, str], faults: Faults) -> str:
    """Write choices into a text that was read; report those that name no parameter or no constant.

    Whether a value is among those of its parameter is told when the text is compiled.
    """
    domains = {
        item.body.name: item.body for item in parsed.statements if isinstance(item.body, Domain)
    }
    edits: list[tuple[Span, str]] = []
    for name, value in params.items():
        domain = domains.get(name)
        if domain is None:
            meant = nearest(name, domains)
            listed = ", ".join(f"`{known}`" for known in domains) or "none: add one with `param`"
            faults.error(
                "AF273",
                f"the text has no parameter `{echo(name)}`",
                parsed.name_span if parsed.is_strategy else NOWHERE,
                f"did you mean `{meant}`?" if meant else f"its parameters: {listed}",
            )
        elif not (written := _constant_in(value)):
            faults.error(
                "AF274",
                f"the value `{echo(value)}` of `{name}` is no constant",
                domain.name_span,
                "give one as it is written in the list, such as `48h`",
            )
        elif domain.default is not None:
            edits.append((domain.default.span, written))
        else:
            after = domain.name_span.end
            edits.append((Span(after, after), f" = {written}"))
    for span, written in sorted(edits, reverse=True):
        text = text[: span.start] + written + text[span.end :]
    return text


def bind_parameters(
    statements: Sequence[Statement], binder: Binder, faults: Faults
) -> tuple[Param, ...]:
    """Bind each parameter to the value it has; return them in their order."""
    found: list[Param] = []
    for statement in statements:
        if statement.keyword != PARAM.keyword:
            continue
        domain = statement.body
        if not isinstance(domain, Domain):
            binder.names.setdefault(statement.defines, None)
        elif name_is_free(domain, binder.names, binder, faults):
            binder.names[domain.name] = None
            values = _Values(domain, binder, faults)
            chosen = values.chosen()
            if chosen is not None:
                binder.names[domain.name] = values.bound[chosen]
                found.append(Param(domain.name, tuple(values.texts), values.texts[chosen]))
    return tuple(found)


class _Values:
    """Reads what one parameter may be."""

    def __init__(self, domain: Domain, binder: Binder, faults: Faults) -> None:
        self.domain = domain
        self.binder = binder
        self.faults = faults
        self.texts: list[str] = []
        self.bound: list[Bound] = []

    def chosen(self) -> int | None:
        """Read the values and return the place of the one that holds, or report why there is none.

        A list is of one sort, without twins.
        """
        read = [self._constant(item) for item in self.domain.values]
        if any(item is None for item in read):
            return None
        if self.domain.is_range:
            self._step([_amount(item) for item in read])
        else:
            self._list(read)
        if not self.bound:
            return None
        return 0 if self.domain.default is None else self._default(self.domain.default)

    def _list(self, read: list[Bound]) -> None:
        sorts = {_sort(item) for item in read}
        if len(sorts) > 1:
            self._refuse(
                "AF270", "mixes sorts of values", "write all as durations, as numbers or as strings"
            )
            return
        keys = [_key(item) for item in read]
        if len(set(keys)) < len(keys) or len(keys) > VALUES_MAX:
            twice = len(set(keys)) < len(keys)
            self._refuse(
                "AF270",
                "names a value twice" if twice else f"has over {VALUES_MAX} values",
                "name each value once" if twice else "vary it in fewer steps",
            )
            return
        self.bound = read
        pairs = zip(self.domain.values, read, strict=True)
        self.texts = [_written(expression, item) for expression, item in pairs]

    def _step(self, amounts: list[Amount | None]) -> None:
        known = [item for item in amounts if item is not None]
        if len(known) < len(amounts) or len({item.form is Form.DURATION for item in known}) > 1:
            self._refuse("AF272", "ranges over no numbers", "write `in 10 .. 50 step 10`")
            return
        low, high = known[:2]
        if len(known) == 2 and low.form is Form.DURATION:  # noqa: PLR2004  # No step.
            self._refuse("AF272", "lacks its step", "write `in 12h .. 48h step 12h`")
            return
        step = known[2].value if len(known) > 2 else 1  # noqa: PLR2004
        if step <= 0 or high.value < low.value:
            self._refuse(
                "AF272", "has no value from its low to its high end", "write `in 10 .. 50 step 10`"
            )
            return
        if (high.value - low.value) // step >= VALUES_MAX:
            self._refuse("AF272", f"has over {VALUES_MAX} values", "take a wider step")
            return
        count = int((high.value - low.value) // step) + 1
        for place in range(count):
            amount = Amount(low.value + place * step, low.form)
            self.bound.append(constant(amount))
            self.texts.append(_amount_text(amount))

    def _default(self, default: Expression) -> int | None:
        wanted = self._constant(default)
        if wanted is None:
            return None
        keys = [_key(item) for item in self.bound]
        if _key(wanted) in keys:
            return keys.index(_key(wanted))
        listed = ", ".join(f"`{echo(text)}`" for text in self.texts[:8])
        self.faults.error(
            "AF271",
            f"`{echo(_written(default, wanted))}` is none of the values of `{self.domain.name}`",
            default.span,
            f"choose among {listed}" + (", ..." if len(self.texts) > 8 else ""),  # noqa: PLR2004
            Fix(default.span, self.texts[0]),
        )
        return None

    def _constant(self, expression: Expression) -> Bound:
        """Bind a value; a value may name nothing, so that the list is the same for every choice."""
        name = next(names_in(expression), None)
        if name is not None:
            self.faults.error(
                "AF270",
                f"`{echo(name.name)}` is no constant",
                name.span,
                "write the values themselves: `in [12h, 24h, 48h]`",
            )
            return None
        bound = self.binder.bind(expression)
        is_constant = isinstance(bound, Word) or _amount(bound) is not None
        if bound is not None and not is_constant:
            self.faults.error(
                "AF270",
                "a value of a parameter is no constant",
                expression.span,
                "write the values themselves: `in [12h, 24h, 48h]`",
            )
        return bound if is_constant else None

    def _refuse(self, code: str, what: str, help_: str) -> None:
        name = self.domain.name
        self.faults.error(code, f"the parameter `{name}` {what}", self.domain.name_span, help_)


def _constant_in(text: str) -> str:
    """Return the one constant that a text holds, without what may stand around it; or nothing."""
    faults = Faults()
    tokens: list[Token] = tokenize(text, faults)
    kinds = [token.type for token in tokens]
    signed = kinds[1:] if kinds[:1] == ["MINUS"] else kinds
    if faults.has_errors or len(signed) != 1 or signed[0] not in _CONSTANTS:
        return ""
    # Where a comment or the end of a line came along, the rest of the statement would be cut off.
    return "".join(text[token.start : token.end] for token in tokens)


def _amount(bound: Bound) -> Amount | None:
    return bound.amount if isinstance(bound, (Value, Period)) else None


def _sort(bound: Bound) -> str:
    if isinstance(bound, Word):
        return "word"
    return "duration" if isinstance(bound, Period) else "number"


def _key(bound: Bound) -> object:
    amount = _amount(bound)
    return (_sort(bound), bound.text if isinstance(bound, Word) else amount and amount.value)


def _written(expression: Expression, bound: Bound) -> str:
    """Return a value as the author wrote it; a computed one as its outcome."""
    if isinstance(expression, Literal):
        return expression.text
    if isinstance(expression, Quote):
        return quoted(expression.text)
    amount = _amount(bound)
    return _amount_text(amount) if amount is not None else ""


def _amount_text(amount: Amount) -> str:
    if amount.form is Form.DURATION and amount.value.denominator == 1 and amount.value > 0:
        return duration_text(int(amount.value))
    places, mark = _PER_SHARE.get(amount.form, (0, ""))
    number = decimal_of(amount)
    if number is None:
        return repr(float(amount.value))
    return decimal_text(number.scaleb(places)) + mark
