"""Names for meanings: texts that must give the same results share one, all others do not."""

from collections.abc import Mapping
from dataclasses import fields

from ..core.canonical import canonical_json, tagged_hash
from .encoding import node_list
from .feeds import anonymous_strategy
from .nodes import Node
from .strategy import Account, Costs, Portfolio, Strategy, Window

# Raised when the meaning of a canonical form changes: old fingerprints then never match new ones.
VERSION = 2
HEX_DIGITS = 32
# Settings of a portfolio that came after this version, and the formula written elsewhere.
_LATER = {"neutral", "beta_bars", "gross_max", "turnover_max"}


def signal_fingerprint(signal: Node, bar_seconds: int) -> str:
    """Return the fingerprint of a canonical formula on a grid of bars."""
    return _fingerprint("sig", {"bar_seconds": bar_seconds, "signal": node_list(signal)})


def strategy_fingerprint(strategy: Strategy) -> str:
    """Return the fingerprint of a canonical strategy: all that can alter its results.

    Names, doc, packs asked for and the data sets' names and aliases are not in it: the run's
    fingerprint adds the data itself and the engine.
    """
    strategy = anonymous_strategy(strategy)
    universe, by, portfolio = strategy.universe, strategy.universe.by, strategy.portfolio
    content: dict[str, object] = {
        "bar_seconds": strategy.bar_seconds,
        "signal": node_list(strategy.signal),
        "universe": {
            "top": universe.top,
            "by": None if by is None else node_list(by),
            "min_history_bars": universe.min_history_bars,
            "where": None if universe.where is None else node_list(universe.where),
            "only": universe.only,
            "exclude": universe.exclude,
        },
        "portfolio": _portfolio(portfolio),
        "groups": None if portfolio.groups is None else node_list(portfolio.groups),
        "rebalance_bars": strategy.rebalance_bars,
        "delay_bars": strategy.delay_bars,
        "costs": _costs(strategy.costs),
        "window": _days(strategy.window),
        "split": strategy.split,
        "holdout": strategy.holdout,
        "risk": strategy.risk,
    }
    # What came after this version of fingerprints is in them only where a text says it.
    if strategy.benchmark:
        content["benchmark"] = strategy.benchmark
    if strategy.roll_bars is not None:
        content["roll_bars"] = strategy.roll_bars
    if portfolio.neutral is not None:
        content["neutral"] = node_list(portfolio.neutral)
    if strategy.account != Account():
        content["account"] = strategy.account
    return _fingerprint("str", content)


def run_fingerprint(  # noqa: PLR0913  # The parts of one name.
    strategy_fingerprint: str,
    *,
    dataset_snapshot: str,
    engine_version: str,
    window: Window | None,
    bar_seconds: int,
    other_snapshots: tuple[str, ...] = (),
) -> str:
    """Return the fingerprint of a run: with it the same, every byte of the results is the same.

    ``other_snapshots`` are those of the other data sets, in the order of the strategy's sources.
    """
    content = {
        "strategy": strategy_fingerprint,
        "snapshot": dataset_snapshot,
        "engine": engine_version,
        "window": _days(window),
        "bar_seconds": bar_seconds,
        "other_snapshots": other_snapshots,
    }
    return _fingerprint("run", content)


def _portfolio(portfolio: Portfolio) -> dict[str, object]:
    """Return all settings but formulas, which are lists; later ones where they are said."""
    said = {field.name: getattr(portfolio, field.name) for field in fields(portfolio)}
    said["groups"] = said["neutral"] = None
    return {name: value for name, value in said.items() if name not in _LATER or value is not None}


# These were always there; later settings are named only where a text uses them, so that texts
# from before keep their fingerprints.
_FIRST_COSTS = frozenset({"taker_bp", "slippage_bp", "has_funding"})


def _costs(costs: Costs) -> dict[str, object]:
    said = {field.name: getattr(costs, field.name) for field in fields(costs)}
    plain = Costs()
    return {
        name: value
        for name, value in said.items()
        if name in _FIRST_COSTS or value != getattr(plain, name)
    }


def _days(window: Window | None) -> list[str] | None:
    return None if window is None else [window.start.isoformat(), window.end.isoformat()]


def _fingerprint(prefix: str, content: Mapping[str, object]) -> str:
    body = canonical_json({"version": VERSION, **content})
    return f"{prefix}_{tagged_hash(f'alphaforge.{prefix}', body)[:HEX_DIGITS]}"
