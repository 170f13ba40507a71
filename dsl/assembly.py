"""Statements to a strategy: each read once, in whatever order they stand."""

from dataclasses import dataclass, replace
from typing import Any

from ..core.diagnostics import Span, echo
from .binder import Binder
from .catalogue import Catalogue
from .definitions import bind_definitions, note_unused
from .desk import Desk
from .faults import Faults
from .nodes import Constant
from .parameters import bind_parameters
from .rules import Kind
from .splits import problem_of
from .statement import FACTOR, FEATURE, SIGNAL, specs
from .statements.backtest import DAY_SECONDS
from .statements.data import bar_seconds as bar_seconds_of
from .statements.data import note_unread, sources_of
from .strategy import Strategy
from .sweep import Param
from .syntax import (
    NOWHERE,
    REFUSED,
    Definition,
    Domain,
    Expression,
    Settings,
    Statement,
    Text,
)
from .values import Value

# Until a signal is bound; it never leaves this module.
_NO_SIGNAL = Constant(0.0)


@dataclass(frozen=True, slots=True)
class Assembled:
    """The strategy as written, before its canonical form; nothing when the text has errors."""

    strategy: Strategy | None
    is_scale_dependent: bool = False
    signal_span: Span = NOWHERE
    binder: Binder | None = None  # What it came to know, for editors.
    params: tuple[Param, ...] = ()


def assemble(text: Text, catalogue: Catalogue, bar_seconds: int, faults: Faults) -> Assembled:
    """Bind a parsed text."""
    if not text.is_strategy:
        binder = Binder(catalogue, bar_seconds, faults)
        binder.names[REFUSED] = None
        for definition in text.definitions:
            binder.names[definition.name] = binder.bind(definition.value)
        return _finished(Strategy("", _NO_SIGNAL, bar_seconds), text.expression, binder, faults)
    return _Assembler(text, catalogue, bar_seconds, faults).run()


class _Assembler:
    """Reads the statements of one strategy."""

    def __init__(self, text: Text, catalogue: Catalogue, bar_seconds: int, faults: Faults) -> None:
        self.text = text
        self.faults = faults
        self.statements = self._without_twins()
        seconds = next(
            (
                bar_seconds_of(statement.body)
                for statement in self.statements
                if statement.keyword == "data" and isinstance(statement.body, Settings)
            ),
            None,
        )
        self.bar_seconds = seconds or bar_seconds
        self.binder = Binder(catalogue, self.bar_seconds, faults)
        self.binder.feeds = self._aliases()

    def _aliases(self) -> tuple[str, ...] | None:
        """Return what the other data sets are called: the names of fields depend on it."""
        bodies = [item.body for item in self.statements if item.keyword == "data"]
        if not bodies:
            return ()
        body = bodies[0]
        if not isinstance(body, Settings):
            return None
        return tuple(alias for alias, _ in sources_of(body))

    def run(self) -> Assembled:
        """Bind names first, then the signal, then all other statements."""
        params = bind_parameters(self.statements, self.binder, self.faults)
        shown = bind_definitions(self.statements, self.binder, self.faults)
        strategy = Strategy(self.text.name, _NO_SIGNAL, self.bar_seconds)
        desk = Desk(self.binder, self.faults)
        for statement in self.statements:
            strategy = self._read(statement, strategy, desk)
        factors, features = (
            tuple((name, value.node) for keyword, name, value in shown if keyword == spec.keyword)
            for spec in (FACTOR, FEATURE)
        )
        strategy = replace(strategy, factors=factors, features=features)
        strategy = self._split(strategy)
        self._check_beta(strategy)
        self._check_roll(strategy)
        assembled = _finished(strategy, self._signal(), self.binder, self.faults)
        if not self.faults.has_errors:
            note_unused(self.statements, self.binder, self.faults)
            note_unread(self.statements, self.binder, self.faults)
        return replace(assembled, params=params)

    def _without_twins(self) -> list[Statement]:
        kept: list[Statement] = []
        seen: set[str] = set()
        for statement in self.text.statements:
            if statement.keyword in seen and not specs()[statement.keyword].may_repeat:
                self.faults.error(
                    "AF113",
                    f"`{statement.keyword}` is said twice",
                    statement.keyword_span,
                    "keep one of the two",
                )
                continue
            seen.add(statement.keyword)
            kept.append(statement)
        return kept

    def _signal(self) -> Expression | None:
        for statement in self.statements:
            if statement.keyword == SIGNAL.keyword:
                body = statement.body
                return None if isinstance(body, (Definition, Domain, Settings)) else body
        # A statement that is not known may be a misspelt signal.
        if all(item.code != "AF110" for item in self.faults.found):
            self.faults.error(
                "AF114",
                f"the strategy `{echo(self.text.name)}` has no signal",
                self.text.name_span,
                "add `signal` and a formula, such as `signal rank(returns(close, 24h))`",
            )
        return None

    def _check_beta(self, strategy: Strategy) -> None:
        """Report a beta that is to be none, and to nothing."""
        if strategy.portfolio.beta_bars is None or strategy.benchmark:
            return
        if any(item.keyword == "backtest" and not _is_read(item) for item in self.statements):
            return
        span = next(item.span for item in self.statements if item.keyword == "portfolio")
        self.faults.error(
            "AF278",
            "`beta_neutral` lacks the benchmark that betas are measured against",
            span,
            'add `backtest benchmark "BTCUSDT"`, or `backtest benchmark universe`',
        )

    def _check_roll(self, strategy: Strategy) -> None:
        """Report a rebalance that may come only when a contract has expired."""
        bars = strategy.roll_bars
        if bars is None or strategy.rebalance_bars + strategy.delay_bars <= bars:
            return
        span = next(item.span for item in self.statements if item.keyword == "data")
        self.faults.error(
            "AF279",
            "a contract may expire between two rebalances: `roll` is shorter than `rebalance` and "
            "`delay` together",
            span,
            "roll earlier, such as `roll 3d`, or rebalance more often",
        )

    def _split(self, strategy: Strategy) -> Strategy:
        """Settle what a split leaves to the strategy's horizon, and judge it where days are known.

        The window must hold the folds, and the holdout must leave some of it.
        """
        split, window = strategy.split, strategy.window
        if split is not None and split.purge_bars < 0:
            horizon = strategy.rebalance_bars + strategy.delay_bars
            split = replace(split, purge_bars=horizon)
            strategy = replace(strategy, split=split)
        if window is None:
            return strategy
        span = next(item.span for item in self.statements if item.keyword == "backtest")
        seen = window if strategy.holdout is None else strategy.holdout.seen(window)
        if seen is None:
            days = (window.end - window.start).days + 1
            self.faults.error(
                "AF275",
                f"the holdout takes all {days} days of the window",
                span,
                "withhold fewer days, or choose a longer window",
            )
        elif split is not None:
            bars = ((seen.end - seen.start).days + 1) * DAY_SECONDS // self.bar_seconds
            problem = problem_of(split, bars)
            if problem:
                self.faults.error(
                    "AF275",
                    problem,
                    span,
                    "choose a longer window, shorter segments, or a smaller purge and embargo",
                )
        return strategy

    def _read(self, statement: Statement, strategy: Strategy, desk: Desk) -> Strategy:
        reader = specs()[statement.keyword].read
        body = statement.body
        if reader is None or body is None or isinstance(body, (Definition, Domain)):
            return strategy
        settings = body if isinstance(body, Settings) else Settings(subject=(body,))
        changes: dict[str, Any] = dict(reader(settings, desk))
        if "uses" in changes:
            changes["uses"] = (*strategy.uses, *changes["uses"])
        return replace(strategy, **changes)


def _is_read(statement: Statement) -> bool:
    """Tell whether all clauses of a statement were known."""
    return isinstance(statement.body, Settings) and statement.body.is_whole


def _signal(expression: Expression, binder: Binder, faults: Faults) -> Value | None:
    value = binder.value(expression)
    if value is None:
        return None
    if value.kind is Kind.GROUP:
        faults.error(
            "AF236", "the signal is groups, not numbers", expression.span, "rank a value instead"
        )
        return None
    if value.kind is Kind.SCALAR:
        if not faults.is_guessing:
            report_constant(expression.span, faults)
        return None
    binder.judge.check_comparable(value, expression.span, "the portfolio")
    if value.kind is Kind.CROSS_SECTION:
        binder.judge.warn_alike(expression.span, "the portfolio")
    return value


def report_constant(span: Span, faults: Faults) -> None:
    """Report a signal that says the same of every instrument."""
    faults.error(
        "AF235",
        "the formula is the same number for all instruments",
        span,
        "name a field, such as `close`, whose value matters",
    )


def _finished(
    strategy: Strategy, expression: Expression | None, binder: Binder, faults: Faults
) -> Assembled:
    signal = _signal(expression, binder, faults) if expression is not None else None
    if signal is None or expression is None or faults.has_errors:
        return Assembled(None, binder=binder)
    return Assembled(
        strategy=replace(strategy, signal=signal.node),
        is_scale_dependent=binder.judge.is_scale_dependent,
        signal_span=expression.span,
        binder=binder,
    )
