"""A plan made under other rules than those in force is asked for anew."""

from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request


def decide(request: Request, bundle: Bundle) -> Forbid | None:
    """Forbid to start a plan whose bundle is not the one that judges now (SAFETY A11)."""
    if request.action is not Action.GATEWAY_START:
        return None
    if request.facts.get("plan_bundle_hash") == bundle.hash:
        return None
    return Forbid(
        "the rules have changed since this plan was made",
        code="bundle_changed",
        next="ask for the deployment again",
    )
