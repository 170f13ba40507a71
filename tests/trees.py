"""Formulas and strategies grown at random, over all operators of the language."""

from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from alphaforge.core.diagnostics import Diagnostic
from alphaforge.dsl.assembly import assemble
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.faults import Faults
from alphaforge.dsl.lexer import tokenize
from alphaforge.dsl.nodes import Constant, Field, Node, Parameter
from alphaforge.dsl.reader import read
from alphaforge.dsl.rules import boolean, group
from alphaforge.dsl.shape import inputs_of, shape_of
from alphaforge.dsl.splits import problem_of
from alphaforge.dsl.strategy import (
    Account,
    Costs,
    Holdout,
    Portfolio,
    RiskLimits,
    Rule,
    Split,
    SplitKind,
    Strategy,
    Universe,
    Window,
)

CATALOGUE = Catalogue.builtin()
FIELDS = ("close", "open", "volume", "funding_rate")
CONSTANTS = (0.0, 1.0, 2.0, -1.0, 0.5, -0.25, 3.0, 1e-8, 0.1, 1e16)
BOOLEAN = [name for name, cls in CATALOGUE.operators.items() if cls.kind is boolean]
GROUPS = [name for name, cls in CATALOGUE.operators.items() if cls.kind is group]
NUMERIC = [name for name in CATALOGUE.operators if name not in {*BOOLEAN, *GROUPS}]


SYMBOLS = st.sampled_from(["BTCUSDT", "ETHUSDT", 'A "B"'])


def tries(count: int) -> settings:
    """Try so many examples, however slow the machine is."""
    return settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def numbers(draw: st.DrawFn, depth: int = 3) -> Node:
    """Grow a formula of numbers."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        is_constant = draw(st.integers(0, 3)) == 0
        return Constant(draw(st.sampled_from(CONSTANTS))) if is_constant else draw(fields())
    return draw(calls(draw(st.sampled_from(NUMERIC)), depth - 1))


def fields() -> st.SearchStrategy[Node]:
    return st.sampled_from(FIELDS).map(Field)


@st.composite
def truths(draw: st.DrawFn, depth: int = 2) -> Node:
    """Grow a formula that is a yes or no."""
    names = BOOLEAN if depth else ["lt", "eq"]
    return draw(calls(draw(st.sampled_from(names)), max(0, depth - 1)))


@st.composite
def calls(draw: st.DrawFn, name: str, depth: int) -> Node:
    """Grow a formula of one operator over others."""
    cls = CATALOGUE.operators[name]
    shape = shape_of(cls)
    values: dict[str, object] = {}
    for argument in shape.arguments:
        takes = shape.takes[argument]
        if takes is Parameter.NODES:
            inner = inputs(cls, argument, depth)
            values[argument] = tuple(draw(st.lists(inner, min_size=2, max_size=3)))
        elif takes is Parameter.NODE:
            values[argument] = draw(inputs(cls, argument, depth))
        else:
            values[argument] = draw(plain(cls, argument, int(str(values.get("bars", 1)))))
    return cls(**values)


def inputs(cls: type[Node], argument: str, depth: int) -> st.SearchStrategy[Node]:
    """Grow what an input must be: groups, a yes or no, or numbers."""
    if argument in cls.group_inputs:
        return groups(depth)
    return truths(depth) if argument in cls.condition_inputs else numbers(depth)


@st.composite
def groups(draw: st.DrawFn, depth: int) -> Node:
    """Grow groups; at the bottom, those made of numbers."""
    plain_ones = [name for name in GROUPS if not CATALOGUE.operators[name].group_inputs]
    name = draw(st.sampled_from(GROUPS if depth else plain_ones))
    return draw(calls(name, max(0, depth - 1)))


def plain(cls: type[Node], argument: str, bars: int) -> st.SearchStrategy[float | str]:
    """Pick a number or a word that an argument allows."""
    takes = shape_of(cls).takes[argument]
    low, high = cls.ranges.get(argument, (1, 40))
    if takes is Parameter.WORD:
        return st.sampled_from(cls.words[argument])
    if argument == "min_periods":
        return st.integers(0, min(3, bars))
    if argument == "k":
        return st.integers(1, bars)
    if takes is Parameter.BARS:
        return st.integers(int(low), min(int(high), 40))
    return st.sampled_from([low, min(high, low + 0.5), min(high, 4.0)])


def formulas(depth: int = 3) -> st.SearchStrategy[Node]:
    """Grow a formula that names a field, as each must."""
    return numbers(depth).filter(has_field)


def has_field(node: Node) -> bool:
    return isinstance(node, Field) or any(has_field(item) for item in inputs_of(node))


def decimals(low: str, high: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), places=4)


@st.composite
def strategies(draw: st.DrawFn) -> Strategy:
    """Grow a strategy, each statement at random."""
    top = draw(st.none() | st.integers(1, 50))
    bar_seconds = draw(st.sampled_from([60, 300, 3600, 86400]))
    window, split, holdout = draw(backtests(bar_seconds))
    only = tuple(sorted(draw(st.sets(SYMBOLS, max_size=2))))
    exclude = () if only else tuple(sorted(draw(st.sets(SYMBOLS, max_size=2))))
    portfolio = draw(portfolios())
    beta = portfolio.beta_bars
    return Strategy(
        name=draw(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True).filter(_is_name)),
        signal=draw(formulas(3)),
        bar_seconds=bar_seconds,
        doc=draw(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=30)),
        dataset=draw(st.sampled_from(["", "perps_1h", "bar", "roll", "my data-set"])),
        universe=Universe(
            top=top,
            by=None if top is None else draw(formulas(2)),
            min_history_bars=draw(st.integers(0, 2000)),
            where=draw(st.none() | truths(2).filter(has_field)),
            only=only,
            exclude=exclude,
        ),
        factors=tuple((f"factor_{number}", draw(formulas(2))) for number in range(2)),
        features=(("feature_0", draw(formulas(2))),),
        portfolio=portfolio,
        rebalance_bars=draw(st.integers(1, 500)),
        delay_bars=draw(st.integers(1, 5)),
        roll_bars=draw(st.none() | st.integers(505, 900)),
        costs=draw(costs()),
        account=draw(accounts()),
        window=window,
        split=split,
        holdout=holdout,
        risk=RiskLimits(
            draw(st.none() | decimals("0.0001", "1")), draw(st.none() | decimals("0.0001", "10"))
        ),
        benchmark=draw(st.just("universe") | SYMBOLS | (st.nothing() if beta else st.just(""))),
    )


@st.composite
def costs(draw: st.DrawFn) -> Costs:
    """Draw costs; a maker's fee and its share come together."""
    basis = decimals("0", "100")
    has_makers = draw(st.booleans())
    return Costs(
        draw(basis),
        draw(basis),
        draw(st.booleans()),
        maker_bp=draw(basis) if has_makers else None,
        maker_share=draw(decimals("0.01", "1")) if has_makers else Decimal(0),
        spread_bp=draw(basis),
        impact=draw(st.just(Decimal(0)) | decimals("0.01", "10")),
    )


@st.composite
def accounts(draw: st.DrawFn) -> Account:
    """Draw an account; some words mean nothing without another."""
    capital = draw(st.just(Decimal(1)) | decimals("10", "1000000"))
    maintenance = draw(st.just(Decimal(0)) | decimals("0.01", "0.5"))
    has_capital = capital != 1
    return Account(
        capital=capital,
        leverage=draw(st.none() | decimals("0.1", "100")),
        maintenance=maintenance,
        liquidation_fee_bp=draw(decimals("0", "100")) if maintenance else Decimal(0),
        notional_min=draw(decimals("1", "100")) if has_capital else Decimal(0),
        has_lots=draw(st.booleans()) if has_capital else False,
    )


@st.composite
def portfolios(draw: st.DrawFn) -> Portfolio:
    """Grow a portfolio, each rule with what it needs and some of what it may have."""
    rule = draw(st.sampled_from(list(Rule)))
    gross = draw(decimals("0.0001", "10"))
    target = draw(st.none() | decimals("0.0001", "5"))
    has_groups = draw(st.booleans())
    net = None if rule is Rule.TOP_K else draw(st.none() | decimals("-9", "10"))
    may_hedge = rule is not Rule.TOP_K and not net
    return Portfolio(
        rule=rule,
        quantile=draw(decimals("0.0001", "0.5")) if rule is Rule.LONG_SHORT else None,
        k=draw(st.integers(1, 100)) if rule is Rule.TOP_K else None,
        gross=gross,
        weight_max=draw(st.none() | decimals("0.0001", "1")),
        vol_bars=draw(st.integers(2, 900)) if rule is Rule.RISK_PARITY else None,
        vol_target=target,
        target_bars=None if target is None else draw(st.integers(2, 900)),
        net=None if net is None or abs(net) > gross else net,
        groups=draw(groups(1).filter(has_field)) if has_groups else None,
        group_max=draw(decimals("0.0001", "1")) if has_groups else None,
        neutral=draw(st.none() | groups(1).filter(has_field)) if may_hedge else None,
        beta_bars=draw(st.none() | st.integers(2, 900)) if may_hedge else None,
        turnover_max=draw(st.none() | decimals("0.0001", "20")),
        gross_max=None if target is None else draw(st.none() | st.just(Decimal(10))),
    )


@st.composite
def splits(draw: st.DrawFn) -> Split:
    """Grow a split, of few enough bars to be possible now and then."""
    purge, embargo = draw(st.integers(0, 50)), draw(st.integers(0, 50))
    if draw(st.booleans()):
        return Split(SplitKind.KFOLD, 0, 0, draw(st.integers(2, 100)), purge, embargo)
    train, test = draw(st.integers(101, 400)), draw(st.integers(1, 400))
    return Split(SplitKind.WALK_FORWARD, train, test, 0, purge, embargo)


@st.composite
def backtests(
    draw: st.DrawFn, bar_seconds: int
) -> tuple[Window | None, Split | None, Holdout | None]:
    """Grow the days of a back-test and how they are cut, where they can be."""
    first, last = sorted(draw(st.tuples(*[st.dates(date(2020, 1, 1), date(2026, 1, 1))] * 2)))
    split = draw(st.none() | splits())
    by_share = st.builds(Holdout, st.just(0), decimals("0.0001", "0.9"))
    holdout = draw(st.none() | st.builds(Holdout, st.integers(1, 99)) | by_share)
    if draw(st.booleans()):
        return None, split, holdout
    window = Window(first, last)
    seen = window if holdout is None else holdout.seen(window)
    if seen is None:
        return window, None, None
    bars = ((seen.end - seen.start).days + 1) * 86_400 // bar_seconds
    return window, None if split is None or problem_of(split, bars) else split, holdout


def _is_name(word: str) -> bool:
    return word not in {
        "and",
        "or",
        "not",
        *CATALOGUE.operators,
        *CATALOGUE.macros,
        *CATALOGUE.fields,
    }


def as_written(text: str, *, bar_seconds: int = 3600) -> tuple[Strategy | None, list[Diagnostic]]:
    """Compile up to the canonical form, which is left out: what the text says, word by word."""
    faults = Faults()
    parsed = read(tokenize(text, faults), text, faults)
    return assemble(parsed, CATALOGUE, bar_seconds, faults).strategy, faults.found
