"""A deployment goes only to the venues that its stage has."""

from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request

PLACED = frozenset({Action.DEPLOY_REQUEST, Action.GATEWAY_START, Action.GATEWAY_ORDER})


def decide(request: Request, bundle: Bundle) -> Forbid | None:
    """Forbid a venue that the bundle does not list for the stage."""
    if request.action not in PLACED:
        return None
    known = bundle.venues.get(request.stage, ())
    venue = request.facts.get("venue", "")
    if venue in known:
        return None
    listed = ", ".join(known) or "no venue"
    return Forbid(f"stage {request.stage} has {listed}, not `{venue}`", code="venue_not_listed")
