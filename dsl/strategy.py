"""What a strategy says, in exact values: the meaning of a text, free of its spelling."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from .nodes import Node
from .strategy_text import strategy_text

__all__ = [
    "Costs",
    "Portfolio",
    "RiskLimits",
    "Rule",
    "Strategy",
    "Universe",
    "Use",
    "Window",
    "strategy_text",
]


class Rule(StrEnum):
    """How a signal becomes weights."""

    LONG_SHORT = "long_short"  # long the highest share of instruments, short the lowest
    TOP_K = "top_k"  # long the k highest
    WEIGHTS = "weights"  # the signal itself, scaled to the gross exposure


@dataclass(frozen=True, slots=True)
class Use:
    """A pack the text needs, at least in a version."""

    pack: str
    version_min: str = ""


@dataclass(frozen=True, slots=True)
class Universe:
    """Which instruments may be held at a bar; ``top`` of nothing means all of them."""

    top: int | None = None
    by: Node | None = None
    min_history_bars: int = 0


@dataclass(frozen=True, slots=True)
class Portfolio:
    """How a signal becomes weights; shares of 1, not percent."""

    rule: Rule = Rule.LONG_SHORT
    quantile: Decimal | None = Decimal("0.2")
    k: int | None = None
    gross: Decimal = Decimal(1)
    weight_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs, in basis points of the traded notional."""

    taker_bp: Decimal = Decimal(5)
    slippage_bp: Decimal = Decimal(2)
    has_funding: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a back-test, UTC; the last day counts in full."""

    start: date
    end: date


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """Bounds the author sets for the strategy; shares of 1 and multiples of capital."""

    drawdown_max: Decimal | None = None
    leverage_max: Decimal | None = None


REBALANCE_BARS = 8
DELAY_BARS = 1


@dataclass(frozen=True, slots=True)
class Strategy:
    """One experiment, whole; what a text leaves out stands at the defaults written here.

    ``sources`` are the data sets beside the traded one whose fields are read: alias, name.
    """

    name: str
    signal: Node
    bar_seconds: int
    doc: str = ""
    uses: tuple[Use, ...] = ()
    dataset: str = ""
    sources: tuple[tuple[str, str], ...] = ()
    universe: Universe = field(default_factory=Universe)
    factors: tuple[tuple[str, Node], ...] = ()
    portfolio: Portfolio = field(default_factory=Portfolio)
    rebalance_bars: int = REBALANCE_BARS
    delay_bars: int = DELAY_BARS
    costs: Costs = field(default_factory=Costs)
    window: Window | None = None
    risk: RiskLimits = field(default_factory=RiskLimits)
