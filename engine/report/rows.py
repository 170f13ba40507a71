"""The figures of a tear sheet: which, under what name, in what form."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .sheet import Sheet

MIDNIGHT = " 00:00"
NOTHING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, ready to show."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that belong together; those of a wide group need the room of two."""

    title: str
    rows: tuple[Row, ...]
    is_wide: bool = False


Form = Callable[[float], str]


def number(value: float) -> str:
    """Write two decimals."""
    return signed(value, 2)


def fine(value: float) -> str:
    """Write four decimals, for correlations."""
    return signed(value, 4)


def signed(value: float, digits: int) -> str:
    """Write a number with a true minus sign; what rounds to zero has no sign."""
    return f"{value:z.{digits}f}".replace("-", MINUS)


def percent(value: float) -> str:
    """Write a fraction as percent."""
    return f"{signed(value * 100, 2)} %"


def whole(value: float) -> str:
    """Write a count."""
    return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")


def times(value: float) -> str:
    """Write a multiple of equity."""
    return f"{signed(value, 2)} x"


FIGURES: tuple[tuple[str, tuple[tuple[str, str, Form], ...]], ...] = (
    (
        "Return and risk",
        (
            ("annual_return", "Annual return", percent),
            ("total_return", "Total return", percent),
            ("annual_volatility", "Annual volatility", percent),
            ("max_drawdown", "Largest drawdown", percent),
            ("sortino", "Sortino", number),
            ("calmar", "Calmar", number),
            ("skew", "Skew", number),
            ("kurtosis", "Kurtosis (normal: 3)", number),
            ("hit_rate", "Bars with a gain", percent),
            ("var_95", "Loss of 1 bar in 20 exceeds", percent),
            ("cvar_95", "Mean loss of those", percent),
            ("tail_ratio", "Tail ratio", number),
            ("omega", "Omega", number),
            ("gain_to_pain", "Gain to pain, daily", number),
            ("ulcer_index", "Ulcer index", percent),
            ("drawdown_days_max", "Longest drawdown, days", number),
            ("recovery_days", "Recovery of the deepest, days", number),
        ),
    ),
    (
        "Signal",
        (
            ("ic_mean", "IC, mean", fine),
            ("rank_ic_mean", "Rank IC, mean", fine),
            ("rank_ic_ir", "Rank IC, mean / deviation", fine),
            ("ic_t", "IC, t (Newey-West)", number),
            ("rank_ic_t", "Rank IC, t (Newey-West)", number),
            ("quantile_spread", "Highest less lowest fifth", percent),
            ("quantile_spread_t", "Spread, t (Newey-West)", number),
            ("quantile_monotonicity", "Monotonicity of fifths", number),
            ("signal_autocorrelation", "Rank autocorrelation", number),
            ("quantile_turnover_high", "New names, highest fifth", percent),
            ("quantile_turnover_low", "New names, lowest fifth", percent),
        ),
    ),
    (
        "Trading and costs",
        (
            ("turnover_daily", "Turnover a day", times),
            ("exposure_gross_mean", "Gross exposure, mean", times),
            ("exposure_net_mean", "Net exposure, mean", times),
            ("fees_total", "Fees, of capital", percent),
            ("slippage_total", "Slippage, of capital", percent),
            ("funding_total", "Funding paid, of capital", percent),
            ("cost_share", "Costs, of gain before", percent),
            ("trades", "Trades", whole),
            ("win_rate", "Positions with a gain", percent),
            ("profit_factor", "Profit factor", number),
            ("holding_days", "Holding period, days", number),
            ("exposure_gross_max", "Gross exposure, largest", times),
            ("time_in_market", "Time in the market", percent),
            ("names_effective", "Effective names", number),
            ("capacity", "Capacity, quote currency", whole),
            ("frozen_orders", "Orders without a bar", whole),
            ("bars", "Bars", whole),
        ),
    ),
)


def shown(value: float | None, form: Form) -> str:
    """Write a figure, or a dash when there is none."""
    return NOTHING if value is None else form(value)


def groups(sheet: Sheet) -> tuple[Group, ...]:
    """Return all figures in groups, luck first."""
    found = [
        Group(
            title,
            tuple(
                Row(label, shown(sheet.metrics.get(name), form)) for name, label, form in figures
            ),
        )
        for title, figures in FIGURES
    ]
    return (_luck(sheet), *found, *([_tests(sheet), *_folds(sheet)] if sheet.folds else []))


def _tests(sheet: Sheet) -> Group:
    metrics = sheet.metrics
    rows = (
        Row("Sharpe, annual", shown(metrics.get("oos_sharpe"), number)),
        Row("Annual return", shown(metrics.get("oos_annual_return"), percent)),
        Row("Largest drawdown", shown(metrics.get("oos_max_drawdown"), percent)),
        Row("Folds", whole(len(sheet.folds))),
    )
    return Group("All tests, one after the other", rows)


def _folds(sheet: Sheet) -> tuple[Group, ...]:
    """Return what each fold showed: Sharpe of its train and test, and the test's return."""
    rows = tuple(
        Row(
            " .. ".join(instant.removesuffix(MIDNIGHT) for instant in fold.test),
            f"{shown(fold.train_sharpe, number)} / {shown(fold.test_sharpe, number)} / "
            f"{percent(fold.test_return)}",
        )
        for fold in sheet.folds
    )
    return (Group("Folds: Sharpe of train, of test, return of test", rows, is_wide=True),)


def _luck(sheet: Sheet) -> Group:
    rows = [
        Row("Sharpe, annual", sharpe_text(sheet.metrics)),
        Row("Standard error", shown(sheet.metrics.get("sharpe_se"), number)),
    ]
    if sheet.luck is not None:
        luck = sheet.luck
        rows += [
            Row("Trials counted", whole(luck.trials)),
            Row("Luck alone would show", shown(luck.expected_max_sharpe, number)),
            Row("P(true Sharpe > 0)", shown(luck.probabilistic_sharpe, percent)),
            Row("Deflated Sharpe", shown(luck.deflated_sharpe, percent)),
        ]
    return Group("Sharpe and luck", tuple(rows))


def headline(sheet: Sheet) -> tuple[Row, ...]:
    """Return the few figures that stand on top."""
    metrics = sheet.metrics
    rows = [
        Row("Sharpe", _with_error(metrics)),
        Row("Annual return", shown(metrics.get("annual_return"), percent)),
        Row("Largest drawdown", shown(metrics.get("max_drawdown"), percent)),
        Row("Rank IC", shown(metrics.get("rank_ic_mean"), fine)),
        Row("Turnover a day", shown(metrics.get("turnover_daily"), times)),
    ]
    if sheet.luck is not None:
        rows.insert(1, Row("Deflated Sharpe", shown(sheet.luck.deflated_sharpe, percent)))
    return tuple(rows)


def sharpe_text(metrics: Mapping[str, float | None]) -> str:
    """Write the Sharpe ratio."""
    return shown(metrics.get("sharpe"), number)


def _with_error(metrics: Mapping[str, float | None]) -> str:
    error = metrics.get("sharpe_se")
    text = sharpe_text(metrics)
    return text if error is None else f"{text} ± {number(error)}"


def verdict(sheet: Sheet) -> str:
    """Write the verdict on luck as a sentence; empty without one."""
    if sheet.luck is None:
        return ""
    text = sheet.luck.verdict
    return f"{text[:1].upper()}{text[1:]}."
