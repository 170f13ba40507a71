"""Nothing is deployed on an instrument of the restricted list."""

from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request


def decide(request: Request, bundle: Bundle) -> Forbid | None:
    """Forbid a plan that names a restricted instrument."""
    if request.action is not Action.DEPLOY_REQUEST:
        return None
    named = set(str(request.facts.get("instruments", "")).split(","))
    hit = sorted(named & bundle.restricted_instruments)
    if not hit:
        return None
    return Forbid(f"{', '.join(hit)} is on the restricted list", code="restricted_instrument")
