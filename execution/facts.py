"""The facts of one order for the risk table, read at the moment it would be sent."""

from decimal import Decimal

from .deployment import Deployment
from .order import Purpose, order_of
from .orders import Decision, OrderRow
from .parts import Parts
from .quote import Tick
from .risk_input import RiskInput, Timing
from .states import OrderState
from .steps import ZERO


def facts_of(
    parts: Parts, row: OrderRow, price: Decimal, decision: Decision, tick: Tick
) -> RiskInput:
    """Read everything the table may look at; what cannot be read stays None and rejects."""
    deployment = parts.deployment
    symbol = row.intent.symbol
    return RiskInput(
        order=order_of(row.intent, price),
        limits=deployment.limits,
        allowed=_allowed(deployment, row),
        restricted=tuple(sorted(parts.gate.bundle.restricted_instruments)),
        settle=deployment.mode("settle"),
        margin_mode=deployment.mode("margin_mode"),
        position_mode=deployment.mode("position_mode"),
        instrument=parts.venue.instruments().get(symbol),
        quote=parts.venue.quote(symbol),
        exposures=parts.books.exposures(without=row.id),
        account=parts.books.account(tick.at),
        counters=parts.books.counters(tick.at, symbol),
        recent=parts.books.recent(tick.at, without=row.id),
        is_intent_new=row.state is OrderState.NEW,
        timing=_timing(parts, deployment, decision, tick),
        position_at=tick.at,
        venue_position=parts.venue.positions().get(symbol, ZERO),
        kill_level=parts.kills.level(deployment.scopes(symbol)),
    )


def _allowed(deployment: Deployment, row: OrderRow) -> tuple[str, ...]:
    # What an older plan left on the account must be closable: FLATTEN knows no list.
    is_flattening = row.intent.purpose is Purpose.FLATTEN
    closable = (row.intent.symbol,) if is_flattening else ()
    return (*deployment.plan.instruments, *closable)


def _timing(parts: Parts, deployment: Deployment, decision: Decision, tick: Tick) -> Timing:
    return Timing(
        now=tick.at,
        wall_now=parts.guard.now(),
        start_at=deployment.plan.start_at,
        end_at=deployment.plan.end_at,
        decided_at=decision.decided_at,
        signal_at=decision.signal_at,
        signal_age_max_s=deployment.pace.signal_age_max_s,
        # A simulated venue has no clock of its own.
        clock_skew_s=ZERO,
    )
