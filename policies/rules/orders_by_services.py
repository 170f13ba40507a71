"""Orders and their cancels come from the gateway's own service, from nobody else."""

from ...core.principals import Kind, Stage
from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request

ORDERS = frozenset({Action.GATEWAY_ORDER, Action.GATEWAY_CANCEL})


def decide(request: Request, _bundle: Bundle) -> Forbid | None:
    """Forbid others to send; forbid an order beyond paper whose approval is not valid now."""
    if request.action not in ORDERS:
        return None
    if request.principal.kind is not Kind.SERVICE:
        return Forbid(
            f"`{request.action}` is for the gateway's service; this is a {request.principal.kind}",
            code="service_only",
        )
    if request.action is Action.GATEWAY_CANCEL or request.stage is Stage.PAPER:
        return None
    # Lowering risk must stay possible after an approval has ended.
    if request.facts.get("is_risk_increasing") is False:
        return None
    if request.facts.get("approval_is_valid") is not True:
        return Forbid("no approval is valid for this order now", code="approval_not_valid")
    return None
