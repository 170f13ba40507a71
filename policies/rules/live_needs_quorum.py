"""No deployment on a venue's test network or live starts before its quorum has signed."""

from ...core.principals import Stage
from ..action import Action
from ..decision import NeedsApproval
from ..model import Bundle
from ..request import Request

BELOW_VENUE = frozenset({Stage.RESEARCH, Stage.PAPER})
STARTS = frozenset({Action.DEPLOY_REQUEST, Action.GATEWAY_START})


def decide(request: Request, bundle: Bundle) -> NeedsApproval | None:
    """Ask for signatures unless the stage is below a venue or the quorum is met."""
    if request.action not in STARTS or request.stage in BELOW_VENUE:
        return None
    if request.facts.get("quorum_is_met") is True:
        return None
    tier = request.stage.value
    quorum = bundle.quorum(tier)
    return NeedsApproval(
        f"stage {request.stage} needs the signatures of {quorum.signatures} humans for this plan",
        tier=tier,
    )
