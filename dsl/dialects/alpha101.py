"""The notation of "101 Formulaic Alphas": functional, any case, windows that may have fractions."""

from ...core.diagnostics import Fix
from ..syntax import Expression, Literal, Name
from .adv import ADV, against_volume, mean_volume
from .asked import Asked
from .dialect import (
    C_INFIX,
    C_MARKS,
    C_PREFIX,
    C_PREFIX_BINDING,
    C_STRANGERS,
    Dialect,
    Note,
)
from .lowering import Lowering, refused
from .rule import Rule, table

_CLASSES = "indclass."


def _least_or_most(asked: Asked) -> str:
    """Read ``min(x, 5)``: a window where a whole number stands second, else cell by cell."""
    name = asked.rule.name
    items = asked.values["x"]
    assert isinstance(items, tuple)
    last = items[-1]
    if len(items) != 2 or not isinstance(last, Literal) or float(last.text) < 1:  # noqa: PLR2004
        return f"{name}(x)"
    call, shown = asked.call, last.text
    asked.lowering.faults.warn(
        "AF353",
        f"`{name}(x, {shown})` is read as the window `ts_{name}(x, {shown})`",
        call.span,
        f"the paper defines it so; for the {name} of two values write `{name}({shown}, x)`",
        Fix(call.name_span, f"ts_{name}"),
    )
    asked.values["x"], asked.values["d"] = items[0], last
    return f"ts_{name}(x, d)"


_RULES = table(
    Rule("abs(x)", "abs(x)"),
    Rule("log(x)", "log(x)"),
    Rule("sign(x)", "sign(x)"),
    Rule("signedpower(x, a)", "signed_power(x, a)"),
    Rule("min(x...)", "min(x)", refine=_least_or_most),
    Rule("max(x...)", "max(x)", refine=_least_or_most),
    Rule("delay(x, d)", "delay(x, d)"),
    Rule("delta(x, d)", "delta(x, d)"),
    Rule("sum(x, d)", "ts_sum(x, d)"),
    Rule("product(x, d)", "ts_product(x, d)"),
    Rule("stddev(x, d)", "ts_std(x, d)"),
    Rule("correlation(x, y, d)", "ts_corr(x, y, d)"),
    Rule("covariance(x, y, d)", "ts_cov(x, y, d)"),
    Rule("ts_min(x, d)", "ts_min(x, d)"),
    Rule("ts_max(x, d)", "ts_max(x, d)"),
    Rule("ts_argmax(x, d)", "ts_argmax(x, d)", ("argmax",)),
    Rule("ts_argmin(x, d)", "ts_argmin(x, d)", ("argmax",)),
    Rule("ts_rank(x, d)", "ts_rank(x, d)"),
    Rule("decay_linear(x, d)", "decay_linear(x, d)"),
    Rule("rank(x)", "rank(x)"),
    Rule("scale(x, a=1)", "scale(x, a)"),
    Rule("indneutralize(x, g)", "neutralize(x, g)"),
)
_NOTES = {
    "argmax": Note(
        "AF356",
        "`ts_argmax` and `ts_argmin` count the bars since the extreme, 0 for the current bar",
        "the paper says only `which day`; for positions from the oldest bar write `ts_argmax_pos`",
    ),
    "adv": Note(
        "AF352",
        "`adv{d}` is read as the mean of `quote_volume`: the traded value",
        "where it stands against `volume` it is the mean of `volume`",
    ),
}


def _value(lowering: Lowering, name: Name) -> Expression:
    word = name.name
    if ADV.fullmatch(word):
        return _adv(lowering, name)
    if not word.startswith(_CLASSES):
        return name
    group = word.removeprefix(_CLASSES)
    if group in lowering.catalogue.fields:
        return Name(group, name.span)
    lowering.faults.error(
        "AF253",
        f"there are no groups `{word}`",
        name.span,
        "there are `IndClass.sector`, `IndClass.industry` and `IndClass.subindustry`",
    )
    return refused(name.span)


def _adv(lowering: Lowering, name: Name) -> Expression:
    if id(name) not in lowering.marked:
        lowering.note("adv", name.span)
        return mean_volume(name, "ts_mean(quote_volume, d)")
    lowering.faults.note(
        "AF352",
        f"`{name.name}` is read as a mean of `volume` here: it stands against `volume`",
        name.span,
        "elsewhere it is the mean of `quote_volume`: the paper mixes units and dollars",
    )
    return mean_volume(name, "ts_mean(volume, d)")


DIALECT = Dialect(
    name="alpha101",
    title="the notation of the 101 alphas",
    marks=C_MARKS,
    infix=C_INFIX,
    prefix=C_PREFIX,
    prefix_binding=C_PREFIX_BINDING,
    rules=_RULES,
    notes=_NOTES,
    strangers=C_STRANGERS,
    value=_value,
    prepare=against_volume,
    is_case_blind=True,
)
