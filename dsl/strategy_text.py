"""A strategy as a file: every statement written out, defaults too; reading it gives it back."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from ..core.canonical import decimal_text
from ..core.durations import duration_text
from .printer import expression_text, quoted

if TYPE_CHECKING:
    from .strategy import Portfolio, RiskLimits, Strategy, Universe

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
    yield f"data{_datasets(strategy)} bar {duration_text(bar)}"
    yield _universe(strategy.universe, bar)
    for name, node in strategy.factors:
        yield f"factor {name} = {expression_text(node, bar_seconds=bar)}"
    yield f"signal {expression_text(strategy.signal, bar_seconds=bar)}"
    yield _portfolio(strategy.portfolio)
    yield f"rebalance every {duration_text(strategy.rebalance_bars * bar)}"
    yield f"delay {strategy.delay_bars}"
    costs = strategy.costs
    yield (
        f"costs taker {decimal_text(costs.taker_bp)}bp, "
        f"slippage {decimal_text(costs.slippage_bp)}bp, "
        f"funding {'on' if costs.has_funding else 'off'}"
    )
    if strategy.window is not None:
        yield f"backtest {strategy.window.start} .. {strategy.window.end}"
    yield from _risk(strategy.risk)


def _datasets(strategy: "Strategy") -> str:
    others = "".join(
        f",{_dataset(name)}" if alias == name else f", {alias} ={_dataset(name)}"
        for alias, name in strategy.sources
    )
    return f"{_dataset(strategy.dataset)}{others}"


def _dataset(name: str) -> str:
    # `bar` alone would be read as the setting.
    is_word = _NAME.fullmatch(name) is not None and name not in {"bar", "and", "or", "not"}
    if not name:
        return ""
    return f" {name}" if is_word else f" {quoted(name)}"


def _universe(universe: "Universe", bar_seconds: int) -> str:
    said = "all"
    if universe.top is not None and universe.by is not None:
        ranking = expression_text(universe.by, bar_seconds=bar_seconds)
        said = f"top {universe.top} by {ranking}"
    if universe.min_history_bars:
        said += f", min_history {duration_text(universe.min_history_bars * bar_seconds)}"
    return f"universe {said}"


def _portfolio(portfolio: "Portfolio") -> str:
    said = portfolio.rule.value
    if portfolio.quantile is not None:
        said += f" quantile {decimal_text(portfolio.quantile)}"
    if portfolio.k is not None:
        said += f" {portfolio.k}"
    said += f", gross {decimal_text(portfolio.gross)}"
    if portfolio.weight_max is not None:
        said += f", max_weight {_percent(portfolio.weight_max)}"
    return f"portfolio {said}"


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
