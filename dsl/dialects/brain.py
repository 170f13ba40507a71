"""BRAIN's FASTEXPR: assignments between semicolons, named arguments, small letters."""

from ...core.diagnostics import echo
from ..syntax import Expression, Name
from . import brain_calls as calls
from .adv import ADV, mean_volume
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

_ELEMENT = (
    Rule("add(x..., filter=false)", "add(x)", refine=calls.filtered(0)),
    Rule("subtract(x, y, filter=false)", "x - y", refine=calls.filtered(0)),
    Rule("multiply(x..., filter=false)", "mul(x)", refine=calls.filtered(1)),
    Rule("divide(x, y, filter=false)", "x / y", refine=calls.filtered(1)),
    Rule("power(x, y)", "x ^ y"),
    Rule("signed_power(x, y)", "signed_power(x, y)"),
    Rule("inverse(x)", "inverse(x)"),
    Rule("reverse(x)", "reverse(x)"),
    Rule("negate(x)", "-x"),
    Rule("sqrt(x)", "sqrt(x)"),
    Rule("exp(x)", "exp(x)"),
    Rule("log(x)", "log(x)"),
    Rule("s_log_1p(x)", "s_log_1p(x)"),
    Rule("sign(x)", "sign(x)"),
    Rule("abs(x)", "abs(x)"),
    Rule("min(x...)", "min(x)"),
    Rule("max(x...)", "max(x)"),
    Rule("ceil(x)", "ceil(x)"),
    Rule("ceiling(x)", "ceil(x)"),
    Rule("floor(x)", "floor(x)"),
    Rule("fraction(x)", "fraction(x)"),
    Rule("round_down(x, f=1)", "floor(x / f) * f"),
    Rule("round(x)", "round(x)"),
    Rule("sigmoid(x)", "sigmoid(x)"),
    Rule("tanh(x)", "tanh(x)"),
    Rule("densify(x)", "densify(x)"),
    Rule("clamp(x, lower=0, upper=0)", "clamp(x, lower, upper)"),
    Rule("tail(x, lower=0, upper=0, newval=0)", "tail(x, lower, upper, newval)"),
    Rule("left_tail(x, maximum=0)", "left_tail(x, maximum)"),
    Rule("right_tail(x, minimum=0)", "right_tail(x, minimum)"),
)
_LOGIC = (
    Rule("is_nan(x)", "is_nan(x)"),
    Rule("is_not_nan(x)", "!is_nan(x)"),
    Rule("is_finite(x)", "!is_nan(x)"),
    Rule("is_not_finite(x)", "is_nan(x)"),
    Rule("and(x...)", "and_(x)"),
    Rule("or(x...)", "or_(x)"),
    Rule("not(x)", "!x"),
    Rule("if_else(test, x, y)", "test ? x : y"),
    Rule("less(x, y)", "x < y", ("missing",)),
    Rule("less_equal(x, y)", "x <= y", ("missing",)),
    Rule("greater(x, y)", "x > y", ("missing",)),
    Rule("greater_equal(x, y)", "x >= y", ("missing",)),
    Rule("equal(x, y)", "x == y", ("missing",)),
    Rule("not_equal(x, y)", "x != y", ("missing",)),
)
_TIME = (
    Rule("ts_delay(x, d)", "delay(x, d)"),
    Rule("ts_delta(x, d)", "delta(x, d)"),
    Rule("ts_returns(x, d, mode=1)", "returns(x, d)", refine=calls.only(mode=1)),
    Rule("log_diff(x)", "log(x) - log(delay(x, 1))"),
    Rule("ts_weighted_decay(x, k=0.5)", "k * x + (1 - k) * delay(x, 1)"),
    Rule("ts_sum(x, d)", "ts_sum(x, d)", ("strict",)),
    Rule("ts_mean(x, d)", "ts_mean(x, d)", ("strict",)),
    Rule("ts_std_dev(x, d)", "ts_std(x, d)", ("strict",)),
    Rule("ts_zscore(x, d)", "ts_zscore(x, d)", ("strict",)),
    Rule("ts_ir(x, d)", "ts_mean(x, d) / ts_std(x, d)", ("strict",)),
    Rule("ts_skewness(x, d)", "ts_skew(x, d)", ("strict",)),
    Rule("ts_kurtosis(x, d)", "ts_kurt(x, d)", ("strict",)),
    Rule("ts_median(x, d)", "ts_median(x, d)", ("strict",)),
    Rule(
        "ts_rank(x, d, constant=0)",
        "ts_rank(x, d)",
        ("strict", "ts_rank"),
        calls.only(constant=0),
    ),
    Rule("ts_scale(x, d, constant=0)", "ts_scale(x, d) + constant", ("strict",), calls.shifted),
    Rule("ts_min(x, d)", "ts_min(x, d)", ("strict",)),
    Rule("ts_max(x, d)", "ts_max(x, d)", ("strict",)),
    Rule("ts_min_max_cps(x, d, f=2)", "ts_min(x, d) + ts_max(x, d) - f * x", ("strict",)),
    Rule("ts_min_max_diff(x, d, f=0.5)", "x - f * (ts_min(x, d) + ts_max(x, d))", ("strict",)),
    Rule("ts_min_diff(x, d)", "ts_min_diff(x, d)", ("strict",)),
    Rule("ts_max_diff(x, d)", "ts_max_diff(x, d)", ("strict",)),
    Rule("ts_arg_min(x, d)", "ts_argmin(x, d)", ("strict",)),
    Rule("ts_arg_max(x, d)", "ts_argmax(x, d)", ("strict",)),
    Rule("ts_corr(x, y, d)", "ts_corr(x, y, d)", ("strict",)),
    Rule("ts_covariance(y, x, d)", "ts_cov(y, x, d)", ("strict",)),
    Rule(
        "ts_regression(y, x, d, lag=0, rettype=0)",
        "ts_residual(y, x, d)",
        ("strict",),
        calls.regression,
    ),
    Rule("ts_decay_linear(x, d, dense=false)", "decay_linear(x, d)", ("strict",), calls.dense),
    Rule("ts_decay_exp_window(x, d, factor=1.0)", "decay_exp(x, d, factor)", ("strict",)),
    Rule("ts_product(x, d)", "ts_product(x, d)", ("strict",)),
    Rule(
        'ts_quantile(x, d, driver="gaussian")',
        "norm_ppf(ts_rank(x, d) - 0.5 / d)",
        ("strict", "quantile"),
        calls.over_time,
    ),
    Rule("ts_percentage(x, d, percentage=0.5)", "ts_quantile(x, d, percentage)", ("strict",)),
    Rule("ts_backfill(x, lookback, k=1)", "ts_backfill(x, lookback)", refine=calls.only(k=1)),
    Rule("ts_count_nans(x, d)", "ts_count_nans(x, d)"),
    Rule("ts_av_diff(x, d)", "ts_av_diff(x, d)", ("strict",)),
    Rule("ts_step(x)", "ts_step(x)", refine=calls.counted),
    Rule("days_from_last_change(x)", "bars_since_change(x)"),
    Rule("last_diff_value(x, d)", "last_diff_value(x, d)"),
    Rule("kth_element(x, d, k)", "kth_element(x, d, k)"),
    Rule("hump(x, hump=0.01)", "hump(x, hump)"),
    Rule("jump_decay(x, d, sensitivity=0.5, force=0.1)", "jump_decay(x, d, sensitivity, force)"),
    Rule("inst_tvr(x, d)", "inst_tvr(x, d)", ("strict",)),
    Rule("trade_when(x, y, z)", "trade_when(x, y, z)", refine=calls.held),
)
_CROSS = (
    Rule("rank(x, rate=2)", "rank(x)", ("rank",)),
    Rule("zscore(x)", "zscore(x)"),
    Rule("scale(x, scale=1, longscale=1, shortscale=1)", "scale(x, scale)", refine=calls.scaled),
    Rule("normalize(x, useStd=false, limit=0.0)", "normalize(x)", refine=calls.normalized),
    Rule(
        "quantile(x, driver=gaussian, sigma=1.0)",
        "quantile(x, driver)",
        refine=calls.spread_over,
    ),
    Rule("winsorize(x, std=4)", "winsorize(x, std)"),
    Rule("truncate(x, maxPercent=0.01)", "truncate(x, maxPercent)"),
    Rule("vector_neut(x, y)", "vector_neut(x, y)"),
    Rule("regression_neut(y, x)", "regression_neut(y, x)"),
)
_GROUP = (
    Rule("group_rank(x, group)", "group_rank(x, group)", ("rank",)),
    Rule("group_zscore(x, group)", "group_zscore(x, group)"),
    Rule("group_neutralize(x, group)", "neutralize(x, group)"),
    Rule(
        "group_mean(x, weight, group=0)",
        "group_weighted_mean(x, weight, group)",
        refine=calls.mean_of_group,
    ),
    Rule("group_median(x, group)", "group_median(x, group)"),
    Rule("group_sum(x, group)", "group_sum(x, group)"),
    Rule("group_std_dev(x, group)", "group_std(x, group)"),
    Rule("group_min(x, group)", "group_min(x, group)"),
    Rule("group_max(x, group)", "group_max(x, group)"),
    Rule("group_scale(x, group)", "group_scale(x, group)"),
    Rule("group_backfill(x, group, d, std=4.0)", "group_backfill(x, group, d)"),
    Rule(
        "group_count(x, group=0)",
        "group_sum(is_nan(x) ? 0 : 1, group)",
        refine=calls.count_of_group,
    ),
    Rule("group_cartesian_product(g1, g2)", "group_cross(g1, g2)"),
    Rule('bucket(x, range="0, 1, 0.1")', "bucket(x, 10)", refine=calls.buckets),
)
_VECTOR = "data of several values a cell are not in this language: reduce them in the data set"
_ABSENT = {
    **dict.fromkeys(
        (
            "vec_avg",
            "vec_sum",
            "vec_max",
            "vec_min",
            "vec_count",
            "vec_choose",
            "vec_range",
            "vec_stddev",
            "vec_ir",
            "vec_norm",
            "vec_percentage",
            "vec_powersum",
            "vec_skewness",
            "vec_filter",
        ),
        _VECTOR,
    ),
    "ts_partial_corr": "take the residuals with `ts_regression` first, then `ts_corr`",
    "ts_triple_corr": "use `ts_corr` on pairs",
    "ts_co_kurtosis": "use `ts_kurtosis`",
    "ts_co_skewness": "use `ts_skewness`",
    "ts_moment": "use `ts_skewness` or `ts_kurtosis`",
    "ts_entropy": "use `ts_std_dev`",
    "ts_vector_neut": "use `ts_regression(y, x, d, rettype=0)`",
    "ts_vector_proj": "use `ts_regression(y, x, d, rettype=3)`",
    "group_vector_neut": "use `vector_neut` on values less their group's mean",
    "group_vector_proj": "use `vector_neut` on values less their group's mean",
    "vector_proj": "it is `x - vector_neut(x, y)`",
    "regression_proj": "it is `y - regression_neut(y, x)`",
    "generalized_rank": "use `rank`",
    "rank_by_side": "use `rank` on each side, with `if_else`",
    "one_side": "use `max(x, 0)` or `min(x, 0)`",
    "pasteurize": "leave it out: operators see the universe alone",
    "purify": "leave it out: infinities are missing here",
    "convert": "units are judged when a text is compiled",
    "group_extra": "fill with `group_mean` by `if_else(is_nan(x), ...)`",
    "group_coalesce": "choose one group",
    "self_corr": "use `ts_corr` on pairs",
    "to_nan": "leave the value out with `if_else`",
    "nan_mask": "leave the value out with `if_else`",
    "nan_out": "leave the value out with `if_else`",
    "keep": "use `trade_when`",
    "filter": "use `ts_decay_linear` or `ts_decay_exp_window`",
}
_NOTES = {
    "strict": Note(
        "AF350",
        "a window with a missing bar has no answer here",
        "BRAIN's windows pass over what is missing; `ts_backfill` fills it",
    ),
    "missing": Note(
        "AF351",
        "a comparison with a missing value is missing here",
        "`is_nan` asks for it",
    ),
    "rank": Note(
        "AF355",
        "a rank lies in (0, 1] here: rank over count",
        "in BRAIN it lies in [0, 1]: (rank - 1) / (count - 1)",
    ),
    "ts_rank": Note(
        "AF355",
        "a rank over time lies in (0, 1] here: rank over bars",
        "in BRAIN it lies in [0, 1]: (rank - 1) / (bars - 1)",
    ),
    "quantile": Note(
        "AF356",
        "a rank enters the inverse at the middle of its share: (rank - 0.5) / bars",
        "so that the highest rank has a finite value",
    ),
    "adv": Note(
        "AF352",
        "`adv{d}` is read as the mean of `volume`",
        "for the traded value write `ts_mean(quote_volume, d)`",
    ),
}
# Groups of BRAIN that no data set here has, and what to write where there is something.
_GROUPS = {
    "market": "all instruments are one market: write `normalize(x)`, `zscore(x)` or `rank(x)`",
    "country": "instruments have no country here; there are `sector`, `industry`, `subindustry`",
    "exchange": "name the venue in the data set; there are `sector`, `industry`, `subindustry`",
    "currency": "name the venue in the data set; there are `sector`, `industry`, `subindustry`",
    **dict.fromkeys(
        ("sector", "industry", "subindustry"),
        'the data lack it; make groups with `bucket(rank(cap), range="0, 1, 0.1")`',
    ),
}


def _value(lowering: Lowering, name: Name) -> Expression:
    word = name.name
    if word in lowering.catalogue.fields:
        return name
    if ADV.fullmatch(word):
        lowering.note("adv", name.span)
        return mean_volume(name, "ts_mean(volume, d)")
    if word in _GROUPS:
        message = f"there are no groups `{echo(word)}`"
        lowering.faults.error("AF253", message, name.span, _GROUPS[word])
        return refused(name.span)
    return name


DIALECT = Dialect(
    name="brain",
    title="FASTEXPR",
    marks={**C_MARKS, ";": "SEMI"},
    infix=C_INFIX,
    prefix=C_PREFIX,
    prefix_binding=C_PREFIX_BINDING,
    rules=table(*_ELEMENT, *_LOGIC, *_TIME, *_CROSS, *_GROUP),
    absent=_ABSENT,
    notes=_NOTES,
    strangers=C_STRANGERS,
    comparison_notes=("missing",),
    value=_value,
    comment_shape=r"\#[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)",
    has_statements=True,
)
