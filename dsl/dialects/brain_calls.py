"""BRAIN's operators whose meaning hangs on their options."""

from fractions import Fraction

from ..syntax import Call, Name, Quote
from .asked import Asked
from .build import constant_of
from .rule import Refine

# By `rettype` of `ts_regression`: what is returned of the line through x.
_REGRESSION = {
    0: "ts_residual(y, x, d)",
    1: "ts_alpha(y, x, d)",
    2: "ts_beta(y, x, d)",
    3: "y - ts_residual(y, x, d)",
    6: "ts_r2(y, x, d)",
}
_LEAST_GROUPS, _MOST_GROUPS = 2, 1000


def filtered(neutral: int) -> Refine:
    """Return the rule that puts a number in place of what is missing, where ``filter`` says so."""

    def refine(asked: Asked) -> str:
        _take_last_flag(asked)
        if asked.flag("filter"):
            for name in asked.rule.arguments:
                if name != "filter":
                    asked.wrap(name, f"fill(item, {neutral})")
        return asked.rule.means

    return refine


def _take_last_flag(asked: Asked) -> None:
    """Read `add(x, y, true)`: the last value by position may be the option."""
    items = asked.values["x"]
    if isinstance(items, tuple) and "filter" not in asked.given:
        last = items[-1]
        if isinstance(last, Name) and last.name in {"true", "false"}:
            asked.values["x"], asked.values["filter"] = items[:-1], last


def only(**defaults: int) -> Refine:
    """Return the rule that refuses options other than these."""

    def refine(asked: Asked) -> str:
        for name, default in defaults.items():
            asked.only(name, default)
        return asked.rule.means

    return refine


def shifted(asked: Asked) -> str:
    """Add the constant of ``ts_scale``, where there is one."""
    return "ts_scale(x, d)" if asked.number("constant") == 0 else asked.rule.means


def dense(asked: Asked) -> str:
    """Refuse to pass over missing bars."""
    if asked.flag("dense"):
        raise asked.refused(
            "AF252",
            "`dense=true` of `ts_decay_linear` has no counterpart here",
            "leave it out, and fill what is missing with `ts_backfill`",
            "dense",
        )
    return asked.rule.means


def regression(asked: Asked) -> str:
    """Choose what is returned of a regression over time."""
    lag, kind = asked.number("lag"), asked.number("rettype")
    if lag is None or lag < 0 or lag.denominator != 1:
        raise asked.refused(
            "AF252", "`lag` is no whole number", "write `lag=0` or a count of bars", "lag"
        )
    if kind is None or kind not in _REGRESSION:
        raise asked.refused(
            "AF252",
            "this `rettype` of `ts_regression` has no counterpart here",
            "there are 0 residual, 1 alpha, 2 beta, 3 estimate and 6 R2",
            "rettype",
        )
    if lag:
        asked.wrap("x", f"delay(item, {lag})")
    return _REGRESSION[int(kind)]


def scaled(asked: Asked) -> str:
    """Read ``longscale`` and ``shortscale``, where one is not 1, as the sizes of the two sides."""
    if asked.number("longscale") == asked.number("shortscale") == 1:
        return asked.rule.means
    return "scale_legs(x, longscale, shortscale)"


def normalized(asked: Asked) -> str:
    """Read ``useStd``: less the mean, and over the deviation where it is true."""
    means = "zscore(x)" if asked.flag("useStd") else asked.rule.means
    limit = asked.number("limit")
    if limit is None or limit < 0:
        raise asked.refused("AF252", "`limit` is no number of at least 0", "leave it out", "limit")
    return f"clamp({means}, -limit, limit)" if limit else means


def spread_over(asked: Asked) -> str:
    """Read ``driver`` of ``quantile`` by its word."""
    driver = asked.word("driver")
    asked.values["driver"] = Quote(driver, asked.place("driver"))
    return "quantile(x, driver)" if asked.number("sigma") == 1 else "quantile(x, driver) * sigma"


def over_time(asked: Asked) -> str:
    """Read ``driver`` of ``ts_quantile``: the middle of a rank's share, through the inverse."""
    driver = asked.word("driver")
    share = "ts_rank(x, d) - 0.5 / d"
    if driver == "gaussian":
        return f"norm_ppf({share})"
    if driver == "uniform":
        return share
    raise asked.refused(
        "AF252",
        "this `driver` of `ts_quantile` has no counterpart here",
        'there are `"gaussian"` and `"uniform"`',
        "driver",
    )


def mean_of_group(asked: Asked) -> str:
    """Read a weight of 1, or none, as no weight."""
    if "group" not in asked.given:
        # Two arguments by position: the second one is the group.
        asked.values["group"] = asked.values["weight"]
        return "group_mean(x, group)"
    return "group_mean(x, group)" if asked.number("weight") == 1 else asked.rule.means


def count_of_group(asked: Asked) -> str:
    """Count the instruments with a value, or all of them where only groups are given."""
    if "group" in asked.given:
        return asked.rule.means
    asked.values["group"] = asked.values["x"]
    return "group_count(group)"


def buckets(asked: Asked) -> str:
    """Read equal steps over a rank as groups of about equal size."""
    inner, steps = asked.value("x"), _steps(asked)
    is_rank = isinstance(inner, Call) and inner.name == "rank" and len(inner.arguments) == 1
    if not is_rank:
        raise asked.refused(
            "AF252",
            "`bucket` makes groups of a rank here",
            'write `bucket(rank(x), range="0, 1, 0.1")`',
            "x",
        )
    assert isinstance(inner, Call)
    asked.values["x"] = inner.arguments[0].value
    return f"bucket(x, {steps})"


def _steps(asked: Asked) -> int:
    value = asked.value("range")
    parts = value.text.split(",") if isinstance(value, Quote) else []
    try:
        low, high, step = (Fraction(part.strip()) for part in parts if len(part) <= 32)  # noqa: PLR2004
        count = (high - low) / step
    except (ValueError, ZeroDivisionError):
        low, high, step, count = Fraction(0), Fraction(1), Fraction(1), Fraction(0)
    if low == step:
        # What lies below the first border is a group of its own.
        count += 1
    is_whole = count.denominator == 1 and _LEAST_GROUPS <= count <= _MOST_GROUPS
    if low not in {0, step} or high != 1 or not is_whole:
        raise asked.refused(
            "AF252",
            "`range` is not equal steps from 0 to 1",
            'write it as `range="0, 1, 0.1"`, for ten groups',
            "range",
        )
    return int(count)


def held(asked: Asked) -> str:
    """Read an exit of -1 as never."""
    return "trade_when(x, y, 0)" if asked.number("z") == -1 else asked.rule.means


def counted(asked: Asked) -> str:
    """Count bars: of a number, those of the closing price."""
    return "ts_step(close)" if constant_of(asked.value("x")) is not None else asked.rule.means
