"""One deployment as this process runs it: the approval, what was loaded, and its rhythm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from ..policies.limits import Limits
from ..policies.plan import Plan, plan_hash
from .approval import Approval, Loaded
from .stamp import Stamp

# Target weights as decided at the end of the bar that opened at an instant (epoch seconds).
Signals = Callable[[int], Mapping[str, Decimal]]

MODES = {"margin_mode": "cross", "position_mode": "one_way", "settle": "USDT"}


@dataclass(frozen=True, slots=True)
class Pace:
    """The rhythm of a strategy, in bars: when it decides, how long until it trades, how far.

    ``turnover_max`` is the share of equity that one decision may trade.
    """

    bar_seconds: int
    rebalance_bars: int
    delay_bars: int
    turnover_max: Decimal | None = None

    def signal_bar(self, bar_open: int) -> int | None:
        """Return the bar whose signal is traded when this bar opens, or nothing."""
        signal_open = bar_open - self.delay_bars * self.bar_seconds
        decided_at = signal_open + self.bar_seconds
        is_due = decided_at % (self.rebalance_bars * self.bar_seconds) == 0
        return signal_open if is_due else None

    @property
    def signal_age_max_s(self) -> int:
        """Return how old a signal is at the open it is traded at."""
        return (self.delay_bars - 1) * self.bar_seconds


@dataclass(frozen=True, slots=True)
class Deployment:
    """What runs, and in whose name: ``loaded`` is what this process holds in memory."""

    stamp: Stamp
    approval: Approval
    loaded: Loaded
    pace: Pace
    signals: Signals

    @property
    def id(self) -> str:
        """Return the deployment's id."""
        return self.stamp.deployment_id

    @property
    def plan(self) -> Plan:
        """Return the approved plan."""
        return self.approval.plan

    @property
    def limits(self) -> Limits:
        """Return the limits in memory: the very ones the risk table reads."""
        return self.loaded.limits

    def mode(self, name: str) -> str:
        """Return a way of working of the account that the plan names, or the house's."""
        return dict(self.plan.parameters).get(name, MODES[name])

    def is_still_approved(self, *, venue: str, account: str) -> bool:
        """Rebuild the plan from memory and the connected account, and compare its hash (A4)."""
        now = replace(self.loaded, venue=venue, account=account)
        return plan_hash(now.plan(self.plan)) == self.approval.plan_hash

    def scopes(self, symbol: str = "") -> tuple[str, ...]:
        """Return the kill scopes that the deployment, or one of its instruments, is in."""
        named = (
            f"tenant:{self.plan.tenant}",
            f"account:{self.plan.account}",
            f"deployment:{self.id}",
        )
        return (*named, f"instrument:{symbol}") if symbol else named
