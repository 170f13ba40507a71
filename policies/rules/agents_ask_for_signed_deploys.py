"""An agent may ask for a live deployment; no fact it brings makes that an allow."""

from ...core.principals import Kind
from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request
from .live_needs_quorum import BELOW_VENUE


def decide(request: Request, _bundle: Bundle) -> Forbid | None:
    """Forbid an agent to request beyond paper without a sponsor, or with signatures in hand."""
    if request.principal.kind is not Kind.AGENT or request.stage in BELOW_VENUE:
        return None
    if request.action is not Action.DEPLOY_REQUEST:
        return None
    if not request.principal.sponsor:
        return Forbid(
            f"an agent without a human sponsor cannot ask for stage {request.stage}",
            code="sponsor_missing",
            next="ask a human to name a sponsor for this agent",
        )
    if "quorum_is_met" in request.facts:
        return Forbid("an agent cannot say that a quorum is met", code="forged_fact")
    return None
