"""Each operator as a node, derived from its signature, and panels that try it hard."""

from functools import cache

import numpy as np
from numpy.typing import NDArray

import alphaforge.dsl.ops
import alphaforge.packs.midfreq.ops
from alphaforge.core.panel import Panel
from alphaforge.core.registry import modules_in
from alphaforge.dsl.nodes import BARS_MAX, OPERATORS, Field, Node, Parameter, signature

Matrix = NDArray[np.float64]

BARS = (2, 7, 30)
MIN_PERIODS = 2
INPUTS = ("x", "y", "z")
ROWS, COLUMNS = 160, 9


@cache
def operators() -> dict[str, type[Node]]:
    """Return every operator there is, those of packs included; none that a test brings along."""
    for package in (alphaforge.dsl.ops, alphaforge.packs.midfreq.ops):
        tuple(modules_in(package))
    return {
        name: operator
        for name, operator in OPERATORS.members().items()
        if not operator.__module__.startswith("alphaforge.tests.")
    }


def sample(operator: type[Node], bars: int, *, is_loose: bool = False, word: str = "") -> Node:
    """Make a node of an operator over plain fields."""
    names = iter(INPUTS)
    values: dict[str, object] = {}
    for name, (parameter, _) in signature(operator).items():
        if name in operator.group_inputs:
            values[name] = Field("group")
        elif parameter is Parameter.NODE:
            values[name] = Field(next(names))
        elif parameter is Parameter.NODES:
            values[name] = tuple(Field(field) for field in INPUTS)
        elif parameter is Parameter.WORD:
            values[name] = word or words_of(operator)[0]
        else:
            values[name] = number_of(operator, name, bars, is_loose=is_loose)
    return operator(**values)


def words_of(operator: type[Node]) -> tuple[str, ...]:
    """Return the words of an operator's one argument that is a word; nothing: it has none."""
    found = [name for name, (takes, _) in signature(operator).items() if takes is Parameter.WORD]
    assert len(found) <= 1, f"sample the words of `{operator.name}` one by one"
    return operator.words[found[0]] if found else ()


def number_of(operator: type[Node], name: str, bars: int, *, is_loose: bool) -> float:
    """Pick a number that an argument allows."""
    if name == "bars":
        return max(bars, int(operator.ranges.get("bars", (1, BARS_MAX))[0]))
    if name == "min_periods":
        return MIN_PERIODS if is_loose else 0
    parameter, _default = signature(operator)[name]
    low, high = operator.ranges.get(name, (1.0, 2.0))
    if parameter is Parameter.BARS:
        return int(low) + 1
    return low + (min(high, low + 1.0) - low) * 0.3


def samples() -> list[Node]:
    """Return nodes of all operators: each window length, each word, strict and loose."""
    found: list[Node] = []
    for operator in operators().values():
        parameters = signature(operator)
        found += [sample(operator, bars) for bars in (BARS if "bars" in parameters else BARS[:1])]
        if "min_periods" in parameters:
            found.append(sample(operator, BARS[1], is_loose=True))
        found += [sample(operator, BARS[1], word=word) for word in words_of(operator)[1:]]
    # A window may be longer than was asked for: at its least length.
    return list(dict.fromkeys(found))


def title(node: Node) -> str:
    """Name a sample in a test's id."""
    return "-".join([node.name, *(f"{name}{value}" for name, value in node.parameters().items())])


def walk_of(seed: int, scale: float) -> Matrix:
    """Return prices with gaps, a listing, a delisting, a halt, ties and a constant stretch."""
    rng = np.random.default_rng(seed)
    values = scale * np.exp(0.02 * rng.standard_normal((ROWS, COLUMNS)).cumsum(axis=0))
    values[:, 1] = np.round(values[:, 1] / scale, 2) * scale  # Many ties.
    values[40:110, 2] = values[40, 2]  # A constant stretch, longer than any window.
    values[:60, 3] = np.nan  # Listed late.
    values[120:, 4] = np.nan  # Delisted.
    values[70:73] = np.nan  # The venue was down: bars missing for all.
    values[rng.random(values.shape) < 0.01] = np.nan
    values[:, 7] = scale  # Never moves.
    values[:, 8] = values[:, 0]  # A twin: ties across instruments.
    return values


def signed_of(seed: int, scale: float) -> Matrix:
    """Return values of both signs, many of them 0 or equal."""
    rng = np.random.default_rng(seed)
    values = scale * np.round(rng.standard_normal((ROWS, COLUMNS)), 1)
    values[20:90, 1] = 0.0
    values[rng.random(values.shape) < 0.02] = np.nan
    return values


def panel_of(fields: dict[str, Matrix], first_bar: int = 0) -> Panel:
    """Wrap matrices as a panel of hourly bars."""
    rows, columns = next(iter(fields.values())).shape
    return Panel(
        dataset="test",
        snapshot="snap_test",
        bar_seconds=3600,
        times=(np.arange(rows, dtype=np.int64) + first_bar) * 3600,
        symbols=tuple(f"S{number:03d}" for number in range(columns)),
        fields=fields,
        first_bar=first_bar,
    )


def arguments_of(node: Node, panel: Panel) -> list[object]:
    """Return what a kernel is called with over plain fields, ``out`` excepted."""
    inputs = [panel.fields[child.field] for child in node.children() if isinstance(child, Field)]
    state = [np.full((node.state_rows, panel.shape[1]), np.nan)] if node.carries_state else []
    is_variadic = Parameter.NODES in {kind for kind, _ in signature(type(node)).values()}
    given: list[object] = [tuple(inputs)] if is_variadic else list(inputs)
    return [*given, *node.parameters().values(), *state, panel.first_bar]


def panels(scale: float = 1.0, first_bar: int = 0) -> dict[str, Panel]:
    """Return a panel of prices and one of signed values."""
    rng = np.random.default_rng(9)
    group = rng.integers(0, 3, size=(ROWS, COLUMNS)).astype(np.float64)
    group[5, 2] = np.nan
    makers = {"prices": walk_of, "signed": signed_of}
    return {
        name: panel_of(
            {field: make(number, scale) for number, field in enumerate(INPUTS)} | {"group": group},
            first_bar,
        )
        for name, make in makers.items()
    }
