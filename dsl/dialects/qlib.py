"""Qlib's expressions: fields with a dollar sign, Python's marks, windows behind the value."""

from collections.abc import Iterator
from fractions import Fraction

from ...core.diagnostics import Fix, echo
from ..syntax import Call, Chain, Expression, Literal, Name, inputs_of
from .asked import Asked
from .build import constant_of
from .dialect import SHARED, Dialect, Infix, Note, Stranger, same_marks
from .lowering import Lowering, refused
from .rule import Rule, table

# Python's order: `&` and `|` bind tighter than comparisons.
_MARKS = {**same_marks(*SHARED, "**"), "&": "AND", "|": "OR", "~": "NOT"}
_INFIX = {
    **dict.fromkeys(("LT", "LE", "GT", "GE", "EQ", "NE"), Infix(1, "comparison")),
    "OR": Infix(2, "chain"),
    "AND": Infix(3, "chain"),
    **dict.fromkeys(("PLUS", "MINUS"), Infix(4, "chain")),
    **dict.fromkeys(("STAR", "SLASH"), Infix(5, "chain")),
    "STARS": Infix(7, "power"),
}
_STRANGERS = {
    "and": Stranger("both are joined by `&`, or by `And(x, y)`", "&"),
    "or": Stranger("either is `|`, or `Or(x, y)`", "|"),
    "not": Stranger("the opposite is `Not(x)`", "~"),
    "&&": Stranger("both are joined by `&`", "&"),
    "||": Stranger("either is `|`", "|"),
    "^": Stranger("a power is `x ** 2`, or `Power(x, 2)`", "**"),
    "//": Stranger("a quotient is `x / y`", "/"),
    "!": Stranger("the opposite is `Not(x)`", "~"),
    "?": Stranger("a choice is `If(test, yes, no)`"),
    ":": Stranger("a choice is `If(test, yes, no)`"),
    "if": Stranger("a choice is `If(test, yes, no)`"),
    "else": Stranger("a choice is `If(test, yes, no)`"),
    ".": Stranger("a value is an argument, not an owner: `Mean($close, 5)`"),
    "%": Stranger("there is no remainder"),
    "[": Stranger("an earlier value is `Ref($close, 1)`; arguments stand in round brackets"),
    "]": Stranger("arguments stand in round brackets"),
    "{": Stranger("only the dialect `af` has strategies"),
    "}": Stranger("only the dialect `af` has strategies"),
    ";": Stranger("a text is one expression"),
}


def _window(asked: Asked) -> str:
    """Refuse a window that grows with the data."""
    if asked.number("d") == 0:
        raise asked.refused(
            "AF255",
            f"the window 0 of `{asked.rule.name}` grows with the data",
            "write a window of at least 1: values must not depend on where the data start",
            "d",
        )
    return asked.rule.means


def _lag(asked: Asked) -> str:
    """Refuse the future, and the first bar of whatever was loaded."""
    bars = asked.number("d")
    if bars is None or bars > 0:
        return asked.rule.means
    name = asked.rule.name
    meant = "1" if bars > -1 else str(int(-bars))
    if bars == 0:
        message = f"`{name}(x, 0)` is the first bar of the data that happen to be loaded"
        help_ = "write the value itself, or a lag of at least 1"
    else:
        message = f"`{name}(x, {bars})` looks ahead"
        help_ = f"write `{name}(x, {meant})`: a formula sees the current bar and those before it"
    raise asked.refused("AF254", message, help_, "d", meant)


def _ema(asked: Asked) -> str:
    """Read a weight between 0 and 1 as the span that has it."""
    weight = asked.number("d")
    if weight is None or not 0 < weight < 1:
        return _window(asked)
    span = Fraction(2) / weight - 1
    if span.denominator != 1:
        raise asked.refused(
            "AF260",
            f"the weight {float(weight):g} is that of no whole span of bars",
            "write a span of bars, whose weight is `2 / (bars + 1)`",
            "d",
        )
    asked.put("d", str(span))
    return asked.rule.means


def _weighted(asked: Asked) -> str:
    """Tell of the defect, unless the text makes up for it."""
    means = _window(asked)
    if id(asked.call) in asked.lowering.marked:
        return "decay_linear(x, d)"
    bars, whole = asked.source(asked.place("d")), asked.source(asked.call.span)
    asked.lowering.faults.warn(
        "AF354",
        f"`WMA` over {echo(bars)} bars is too small by a factor of {echo(bars)}, as it is in Qlib",
        asked.call.span,
        f"write `({echo(bars)} * WMA(x, {echo(bars)}))` for the weighted mean",
        Fix(asked.call.span, f"({bars} * {whole})"),
    )
    return means


def _made_up_for(expression: Expression) -> frozenset[int]:
    """Return the identities of the ``WMA`` calls that stand times their window, and of that."""
    found: set[int] = set()
    stack = [expression]
    while stack:
        part = stack.pop()
        stack.extend(inputs_of(part))
        if isinstance(part, Chain) and set(part.marks) == {"STAR"}:
            found.update(_pairs(part))
    return frozenset(found)


def _pairs(product: Chain) -> Iterator[int]:
    numbers = {constant_of(item): item for item in product.operands if isinstance(item, Literal)}
    for item in product.operands:
        if not isinstance(item, Call) or item.name != "WMA" or len(item.arguments) < 2:  # noqa: PLR2004
            continue
        number = numbers.pop(constant_of(item.arguments[1].value), None)
        if number is not None:
            yield from (id(item), id(number))


def _rolling(name: str, means: str, *notes: str) -> Rule:
    return Rule(f"{name}(x, d)", means, ("strict", *notes), _window)


_RULES = table(
    Rule("Abs(x)", "abs(x)"),
    Rule("Sign(x)", "sign(x)"),
    Rule("Log(x)", "log(x)"),
    Rule("Power(x, y)", "x ^ y"),
    Rule("Add(x, y)", "x + y"),
    Rule("Sub(x, y)", "x - y"),
    Rule("Mul(x, y)", "x * y"),
    Rule("Div(x, y)", "x / y"),
    Rule("Greater(x, y)", "max(x, y)"),
    Rule("Less(x, y)", "min(x, y)"),
    Rule("Gt(x, y)", "x > y", ("missing",)),
    Rule("Ge(x, y)", "x >= y", ("missing",)),
    Rule("Lt(x, y)", "x < y", ("missing",)),
    Rule("Le(x, y)", "x <= y", ("missing",)),
    Rule("Eq(x, y)", "x == y", ("missing",)),
    Rule("Ne(x, y)", "x != y", ("missing",)),
    Rule("And(x, y)", "x && y"),
    Rule("Or(x, y)", "x || y"),
    Rule("Not(x)", "!x"),
    Rule("If(test, x, y)", "test ? x : y"),
    Rule("Ref(x, d)", "delay(x, d)", refine=_lag),
    Rule("Delta(x, d)", "delta(x, d)", refine=_lag),
    _rolling("Mean", "ts_mean(x, d)"),
    _rolling("Sum", "ts_sum(x, d)"),
    _rolling("Std", "ts_std(x, d)"),
    _rolling("Var", "ts_var(x, d)"),
    _rolling("Skew", "ts_skew(x, d)"),
    _rolling("Kurt", "ts_kurt(x, d)"),
    _rolling("Max", "ts_max(x, d)"),
    _rolling("Min", "ts_min(x, d)"),
    _rolling("Med", "ts_median(x, d)"),
    _rolling("Mad", "ts_mad(x, d)"),
    _rolling("Rank", "ts_rank(x, d)"),
    Rule("Count(x, d)", "ts_count_finite(x, d)", refine=_window),
    _rolling("IdxMax", "ts_argmax_pos(x, d)", "idx"),
    _rolling("IdxMin", "ts_argmin_pos(x, d)", "idx"),
    _rolling("Slope", "ts_slope(x, d)"),
    _rolling("Rsquare", "ts_slope_r2(x, d)"),
    _rolling("Resi", "ts_slope_resid(x, d)"),
    Rule("WMA(x, d)", "decay_linear(x, d) / d", ("strict",), _weighted),
    Rule("EMA(x, d)", "ema(x, d)", refine=_ema),
    Rule("Quantile(x, d, q)", "ts_quantile(x, d, q)", ("strict",), _window),
    Rule("Corr(x, y, d)", "ts_corr(x, y, d)", ("strict", "constant"), _window),
    Rule("Cov(x, y, d)", "ts_cov(x, y, d)", ("strict",), _window),
)
_ABSENT = {
    **dict.fromkeys(
        ("rank", "zscore", "scale", "normalize", "winsorize", "neutralize", "quantile"),
        "Qlib sees one instrument at a time: write it in the dialect `af`",
    ),
    "P": "point-in-time tables are joined by the data set, not by a formula",
    "PRef": "point-in-time tables are joined by the data set, not by a formula",
    "ChangeInstrument": "a formula sees each instrument by itself; the index has fields of its own",
    "Feature": "write the field with its dollar sign: `$close`",
    "PFeature": "point-in-time tables are joined by the data set, not by a formula",
    "Mask": "choose instruments with the universe of a strategy",
    "TResample": "write it in the dialect `af`: `resample(x, bars)`",
}
_NOTES = {
    "strict": Note(
        "AF350",
        "a window with a missing bar has no answer here",
        "Qlib answers from what it has (`min_periods=1`), at the start of the data too",
    ),
    "missing": Note(
        "AF351",
        "a comparison with a missing value is missing here",
        "in Qlib it is false, which turns missing data into a position",
    ),
    "idx": Note(
        "AF356",
        "`IdxMax` and `IdxMin` count from 1 for the oldest bar of the window",
        "the bars since an extreme are `ts_argmax` and `ts_argmin` in the dialect `af`",
    ),
    "constant": Note(
        "AF357",
        "a correlation is missing where a side is constant in the window, and only there",
        "Qlib drops it below a spread of 2e-5, which loses instruments with small prices",
    ),
}
# Fields that Qlib's own data have and no data set here.
_FIELDS = {
    "$change": "write `$close / Ref($close, 1) - 1`",
    "$factor": "prices are as traded, there is nothing to adjust: leave it out",
}


def _value(lowering: Lowering, name: Name) -> Expression:
    word = name.name
    if word.startswith("$$"):
        message = f"`{echo(word)}` names a point-in-time table"
        help_ = "tables are joined by the data set, not by a formula"
        lowering.faults.error("AF251", message, name.span, help_)
        return refused(name.span)
    fields = list(lowering.catalogue.fields)
    field = word.removeprefix("$")
    if word.startswith("$") and field in fields:
        return Name(field, name.span)
    if word in _FIELDS:
        lowering.faults.error("AF102", f"unknown field `{word}`", name.span, _FIELDS[word])
        return refused(name.span)
    near = lowering.faults.nearest(field, fields)
    meant = field.lower() if field.lower() in fields else near
    shown, fix = echo(word), Fix(name.span, f"${meant}") if meant else None
    listed = f"did you mean `${meant}`?" if meant else "there are `$close`, `$volume` and others"
    if word.startswith("$"):
        lowering.faults.error("AF102", f"unknown field `{shown}`", name.span, listed, fix)
    else:
        message = f"`{shown}` lacks its dollar sign"
        lowering.faults.error("AF250", message, name.span, listed, fix)
    return refused(name.span)


DIALECT = Dialect(
    name="qlib",
    title="Qlib",
    marks=_MARKS,
    infix=_INFIX,
    prefix={"MINUS": "neg", "PLUS": "", "NOT": "not_"},
    prefix_binding=6,
    rules=_RULES,
    absent=_ABSENT,
    notes=_NOTES,
    strangers=_STRANGERS,
    comparison_notes=("missing",),
    value=_value,
    prepare=_made_up_for,
    name_shape=r"\${0,2}[A-Za-z_][A-Za-z0-9_]*",
    knows_catalogue=False,
)
