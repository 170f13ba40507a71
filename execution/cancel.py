"""Cancels: always allowed, in no queue behind orders, and never held back by the journal (G9)."""

from ..policies.action import Action
from ..policies.gate import enforce
from ..policies.request import Request
from .kill_file import Level
from .orders import OrderRow
from .outcome import Outcome
from .parts import Parts
from .risk_input import Exposure
from .states import OrderState
from .steps import ZERO


def cancel_resting(parts: Parts, outcome: Outcome, level: Level) -> None:
    """Cancel our resting orders: all of them, or under REDUCE_ONLY those that could add risk."""
    for row in parts.orders.in_states((OrderState.OPEN,)):
        if level >= Level.CANCEL_ALL or not _only_reduces(parts, row):
            cancel(parts, outcome, row)


def cancel(parts: Parts, outcome: Outcome, row: OrderRow) -> None:
    """Cancel one order and take over what the venue says of it."""
    request = Request(
        action=Action.GATEWAY_CANCEL,
        principal=parts.principal,
        stage=parts.deployment.plan.stage,
        resource=row.id,
    )
    ended = enforce(
        request,
        gate=parts.gate,
        work=lambda _decision: parts.venue.cancel(row.id),
        request_id=parts.deployment.stamp.request_id,
    )
    if ended is not None and ended.state is not OrderState.OPEN:
        outcome.acknowledge(row, ended)


def _only_reduces(parts: Parts, row: OrderRow) -> bool:
    held = parts.fills.positions().get(row.intent.symbol, ZERO)
    alone = Exposure(row.intent.symbol, held, ZERO, ZERO, None)
    return alone.reduces(row.intent.side.sign * row.remaining)
