"""What a strategy says, in exact values: the meaning of a text, free of its spelling."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum

from .nodes import Node
from .strategy_text import strategy_text

__all__ = [
    "Account",
    "Costs",
    "Holdout",
    "Portfolio",
    "RiskLimits",
    "Rule",
    "Split",
    "SplitKind",
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
    PROPORTIONAL = "proportional"  # the signal itself, scaled to the gross exposure
    RISK_PARITY = "risk_parity"  # the signal's sign over the name's volatility


@dataclass(frozen=True, slots=True)
class Use:
    """A pack the text needs, at least in a version."""

    pack: str
    version_min: str = ""


@dataclass(frozen=True, slots=True)
class Universe:
    """Which instruments may be held at a bar; ``top`` of nothing means all of them.

    ``only`` and ``exclude`` are symbols in their order; an empty ``only`` means all.
    """

    top: int | None = None
    by: Node | None = None
    min_history_bars: int = 0
    where: Node | None = None
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Portfolio:
    """How a signal becomes weights; shares of 1, not percent.

    ``vol_bars`` are those of ``risk_parity``. The volatility target is annual, measured over
    ``target_bars``; ``group_max`` bounds the sum of absolute weights in each of ``groups``.
    No group of ``neutral`` has a net; over ``beta_bars`` the book has no beta to the benchmark.
    ``turnover_max`` is the share of equity that one rebalance may trade, buys plus sells;
    ``gross_max`` is how far the volatility target may scale up.
    """

    rule: Rule = Rule.LONG_SHORT
    quantile: Decimal | None = Decimal("0.2")
    k: int | None = None
    gross: Decimal = Decimal(1)
    weight_max: Decimal | None = None
    vol_bars: int | None = None
    vol_target: Decimal | None = None
    target_bars: int | None = None
    net: Decimal | None = None
    groups: Node | None = None
    group_max: Decimal | None = None
    neutral: Node | None = None
    beta_bars: int | None = None
    gross_max: Decimal | None = None
    turnover_max: Decimal | None = None

    @property
    def look_back_bars(self) -> int:
        """Count the bars before a decision that its volatilities and betas are measured over."""
        return max(self.vol_bars or 0, self.target_bars or 0, self.beta_bars or 0)


@dataclass(frozen=True, slots=True)
class Costs:
    """What trading costs, in basis points of the traded notional.

    ``maker_share`` of it is done by waiting in the book, at ``maker_bp``; the rest crosses half of
    ``spread_bp``. ``impact`` is the coefficient of the square-root law on a bar's volume.
    """

    taker_bp: Decimal = Decimal(5)
    slippage_bp: Decimal = Decimal(2)
    has_funding: bool = True
    maker_bp: Decimal | None = None
    maker_share: Decimal = Decimal(0)
    spread_bp: Decimal = Decimal(0)
    impact: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Account:
    """What holds the book: capital in the quote currency, and what its venue asks of it.

    ``leverage`` bounds gross exposure over equity at each trade; ``maintenance`` is the margin that
    must stay, as a share of the notional held. Both are off at their defaults.
    """

    capital: Decimal = Decimal(1)
    leverage: Decimal | None = None
    maintenance: Decimal = Decimal(0)
    liquidation_fee_bp: Decimal = Decimal(0)
    notional_min: Decimal = Decimal(0)
    has_lots: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The days of a back-test, UTC; the last day counts in full."""

    start: date
    end: date


class SplitKind(StrEnum):
    """How a back-test is cut into folds."""

    WALK_FORWARD = "walk_forward"  # each test follows its train; tests follow each other
    KFOLD = "kfold"  # each block is the test once, the others its train


@dataclass(frozen=True, slots=True)
class Split:
    """How the bars of a back-test are cut into folds.

    Walk-forward has ``train_bars`` and ``test_bars``, k-fold a count of ``folds``. The purge is, if
    a text does not say it, how long a decision's outcome takes: one rebalance and the delay.
    """

    kind: SplitKind
    train_bars: int = 0
    test_bars: int = 0
    folds: int = 0
    purge_bars: int = 0
    embargo_bars: int = 0


@dataclass(frozen=True, slots=True)
class Holdout:
    """The last days of a back-test, which no run may see: a count of days, or a share of all."""

    days: int = 0
    share: Decimal | None = None

    def seen(self, window: Window) -> Window | None:
        """Return the days that may be seen, or nothing when none is left."""
        days = (window.end - window.start).days + 1
        withheld = self.days
        if self.share is not None:
            withheld = int((self.share * days).to_integral_value(ROUND_CEILING))
        if withheld >= days:
            return None
        return Window(window.start, window.end - timedelta(days=withheld))


@dataclass(frozen=True, slots=True)
class RiskLimits:
    """Bounds the author sets for the strategy; shares of 1 and multiples of capital."""

    drawdown_max: Decimal | None = None
    leverage_max: Decimal | None = None


# The benchmark that is no instrument: all of the universe, equally weighted.
UNIVERSE = "universe"

REBALANCE_BARS = 8
DELAY_BARS = 1


@dataclass(frozen=True, slots=True)
class Strategy:
    """One experiment, whole; what a text leaves out stands at the defaults written here.

    ``sources`` are the data sets beside the traded one whose fields are read: alias, name.
    ``benchmark`` is a symbol, ``UNIVERSE``, or empty: what the book is compared with.
    ``roll_bars``: the traded data set is of dated contracts, each left so long before it expires.
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
    features: tuple[tuple[str, Node], ...] = ()
    portfolio: Portfolio = field(default_factory=Portfolio)
    rebalance_bars: int = REBALANCE_BARS
    delay_bars: int = DELAY_BARS
    costs: Costs = field(default_factory=Costs)
    account: Account = field(default_factory=Account)
    window: Window | None = None
    split: Split | None = None
    holdout: Holdout | None = None
    risk: RiskLimits = field(default_factory=RiskLimits)
    benchmark: str = ""
    roll_bars: int | None = None
