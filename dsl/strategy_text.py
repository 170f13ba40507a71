"""A strategy as a file: every statement written out, defaults too; reading it gives it back."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ..core.canonical import decimal_text
from ..core.durations import duration_text
from .nodes import Constant, Node
from .printer import expression_text, quoted

if TYPE_CHECKING:
    from .strategy import Account, Costs, Portfolio, RiskLimits, Strategy, Universe

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
# A bare formula has no name; a file needs one, and it alters nothing.
UNNAMED = "formula"


def strategy_text(strategy: "Strategy") -> str:
    """Print a strategy; compiled again, the text has the same fingerprints."""
    lines = "".join(f"  {line}\n" for line in _lines(strategy))
    return f"strategy {strategy.name or UNNAMED} {{\n{lines}}}\n"


def _lines(strategy: "Strategy") -> Iterator[str]:
    bar = strategy.bar_seconds
    if strategy.doc:
        yield f"doc {quoted(strategy.doc)}"
    for use in strategy.uses:
        yield f"use {use.pack} >= {use.version_min}" if use.version_min else f"use {use.pack}"
    roll = "" if strategy.roll_bars is None else f", roll {duration_text(strategy.roll_bars * bar)}"
    yield f"data{_datasets(strategy)} bar {duration_text(bar)}{roll}"
    yield _universe(strategy.universe, bar)
    for name, node in strategy.factors:
        yield f"factor {name} = {expression_text(node, bar_seconds=bar)}"
    for name, node in strategy.features:
        yield f"feature {name} = {expression_text(node, bar_seconds=bar)}"
    yield f"signal {expression_text(strategy.signal, bar_seconds=bar)}"
    yield _portfolio(strategy.portfolio, bar)
    yield f"rebalance every {duration_text(strategy.rebalance_bars * bar)}"
    yield f"delay {strategy.delay_bars}"
    yield _costs(strategy.costs)
    yield from _account(strategy.account)
    yield from _backtest(strategy)
    yield from _risk(strategy.risk)


def _datasets(strategy: "Strategy") -> str:
    others = "".join(
        f",{_dataset(name)}" if alias == name else f", {alias} ={_dataset(name)}"
        for alias, name in strategy.sources
    )
    return f"{_dataset(strategy.dataset)}{others}"


def _dataset(name: str) -> str:
    # `bar` or `roll` alone would be read as the setting.
    is_word = _NAME.fullmatch(name) is not None and name not in {"bar", "roll", "and", "or", "not"}
    if not name:
        return ""
    return f" {name}" if is_word else f" {quoted(name)}"


def _universe(universe: "Universe", bar_seconds: int) -> str:
    said = "all"
    if universe.top is not None and universe.by is not None:
        ranking = expression_text(universe.by, bar_seconds=bar_seconds)
        said = f"top {universe.top} by {ranking}"
    if universe.where is not None:
        said += f", where {_condition(universe.where, bar_seconds)}"
    if universe.min_history_bars:
        said += f", min_history {duration_text(universe.min_history_bars * bar_seconds)}"
    for word, symbols in (("only", universe.only), ("exclude", universe.exclude)):
        if symbols:
            said += f", {word} [{', '.join(map(quoted, symbols))}]"
    return f"universe {said}"


def _condition(node: Node, bar_seconds: int) -> str:
    # A condition that came to `no` for all is written as one: a bare number is none.
    is_never = isinstance(node, Constant)
    return "0 > 0" if is_never else expression_text(node, bar_seconds=bar_seconds)


def _portfolio(portfolio: "Portfolio", bar_seconds: int) -> str:
    said = portfolio.rule.value
    if portfolio.quantile is not None:
        said += f" quantile {decimal_text(portfolio.quantile)}"
    if portfolio.k is not None:
        said += f" {portfolio.k}"
    if portfolio.vol_bars is not None:
        said += f" vol {duration_text(portfolio.vol_bars * bar_seconds)}"
    said += f", gross {decimal_text(portfolio.gross)}"
    if portfolio.net is not None:
        said += f", net {decimal_text(portfolio.net)}"
    if portfolio.weight_max is not None:
        said += f", max_weight {_percent(portfolio.weight_max)}"
    if portfolio.groups is not None and portfolio.group_max is not None:
        groups = expression_text(portfolio.groups, bar_seconds=bar_seconds)
        said += f", max_group {groups} {_percent(portfolio.group_max)}"
    if portfolio.vol_target is not None and portfolio.target_bars is not None:
        over = duration_text(portfolio.target_bars * bar_seconds)
        said += f", vol_target {_percent(portfolio.vol_target)} over {over}"
    return f"portfolio {said}{_hedges(portfolio, bar_seconds)}"


def _hedges(portfolio: "Portfolio", bar_seconds: int) -> str:
    said = ""
    if portfolio.gross_max is not None:
        said += f", max_gross {decimal_text(portfolio.gross_max)}"
    if portfolio.neutral is not None:
        said += f", neutral by {expression_text(portfolio.neutral, bar_seconds=bar_seconds)}"
    if portfolio.beta_bars is not None:
        said += f", beta_neutral {duration_text(portfolio.beta_bars * bar_seconds)}"
    if portfolio.turnover_max is not None:
        said += f", max_turnover {_percent(portfolio.turnover_max)}"
    return said


def _costs(costs: "Costs") -> str:
    said = [f"taker {decimal_text(costs.taker_bp)}bp"]
    if costs.maker_bp is not None:
        said.append(f"maker {decimal_text(costs.maker_bp)}bp")
    if costs.maker_share:
        said.append(f"maker_share {_percent(costs.maker_share)}")
    said.append(f"slippage {decimal_text(costs.slippage_bp)}bp")
    if costs.spread_bp:
        said.append(f"spread {decimal_text(costs.spread_bp)}bp")
    if costs.impact:
        said.append(f"impact {decimal_text(costs.impact)}")
    said.append(f"funding {'on' if costs.has_funding else 'off'}")
    return f"costs {', '.join(said)}"


def _account(account: "Account") -> Iterator[str]:
    said = []
    if account.capital != 1:
        said.append(f"capital {decimal_text(account.capital)}")
    if account.leverage is not None:
        said.append(f"leverage {decimal_text(account.leverage)}")
    if account.maintenance:
        said.append(f"maintenance {_percent(account.maintenance)}")
    if account.liquidation_fee_bp:
        said.append(f"liquidation_fee {decimal_text(account.liquidation_fee_bp)}bp")
    if account.notional_min:
        said.append(f"min_notional {decimal_text(account.notional_min)}")
    if account.has_lots:
        said.append("lots on")
    if said:
        yield f"account {', '.join(said)}"


def _backtest(strategy: "Strategy") -> Iterator[str]:
    window, split, holdout, bar = (
        strategy.window,
        strategy.split,
        strategy.holdout,
        strategy.bar_seconds,
    )
    said = [] if window is None else [f"{window.start} .. {window.end}"]
    if split is not None:
        words = [split.kind.value]
        if split.folds:
            words.append(str(split.folds))
        else:
            words += ["train", duration_text(split.train_bars * bar)]
            words += ["test", duration_text(split.test_bars * bar)]
        words += ["purge", _bars(split.purge_bars, bar), "embargo", _bars(split.embargo_bars, bar)]
        said.append(" ".join(words))
    if holdout is not None:
        share = holdout.share
        said.append(f"holdout {holdout.days}d" if share is None else f"holdout {_percent(share)}")
    if strategy.benchmark:
        is_universe = strategy.benchmark == "universe"
        said.append(f"benchmark {'universe' if is_universe else quoted(strategy.benchmark)}")
    if said:
        yield f"backtest {', '.join(said)}"


def _bars(count: int, bar_seconds: int) -> str:
    # A length of no time has no unit.
    return duration_text(count * bar_seconds) if count else "0"


def _risk(risk: "RiskLimits") -> Iterator[str]:
    said = []
    if risk.drawdown_max is not None:
        said.append(f"max_drawdown {_percent(risk.drawdown_max)}")
    if risk.leverage_max is not None:
        said.append(f"max_leverage {decimal_text(risk.leverage_max)}")
    if said:
        yield f"risk {', '.join(said)}"


def _percent(share: Decimal) -> str:
    return f"{decimal_text(share.scaleb(2))}%"
