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
from alphaforge.dsl.strategy import (
    Costs,
    Portfolio,
    RiskLimits,
    Rule,
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
        return st.integers(0, 3)
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
    rule = draw(st.sampled_from(list(Rule)))
    top = draw(st.none() | st.integers(1, 50))
    days = sorted(draw(st.tuples(*[st.dates(date(2020, 1, 1), date(2026, 1, 1))] * 2)))
    return Strategy(
        name=draw(st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True).filter(_is_name)),
        signal=draw(formulas(3)),
        bar_seconds=draw(st.sampled_from([60, 300, 3600, 86400])),
        doc=draw(st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=30)),
        dataset=draw(st.sampled_from(["", "perps_1h", "bar", "my data-set"])),
        universe=Universe(
            top=top,
            by=None if top is None else draw(formulas(2)),
            min_history_bars=draw(st.integers(0, 2000)),
        ),
        factors=tuple((f"factor_{number}", draw(formulas(2))) for number in range(2)),
        portfolio=Portfolio(
            rule=rule,
            quantile=draw(decimals("0.0001", "0.5")) if rule is Rule.LONG_SHORT else None,
            k=draw(st.integers(1, 100)) if rule is Rule.TOP_K else None,
            gross=draw(decimals("0.0001", "10")),
            weight_max=draw(st.none() | decimals("0.0001", "1")),
        ),
        rebalance_bars=draw(st.integers(1, 500)),
        delay_bars=draw(st.integers(1, 5)),
        costs=Costs(draw(decimals("0", "100")), draw(decimals("0", "100")), draw(st.booleans())),
        window=draw(st.none() | st.just(Window(days[0], days[1]))),
        risk=RiskLimits(
            draw(st.none() | decimals("0.0001", "1")), draw(st.none() | decimals("0.0001", "10"))
        ),
    )


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
