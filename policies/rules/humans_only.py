"""Approving, enrolling keys, clearing a kill and changing the rules is for humans, always.

The list stands here and not in the bundle: no bundle can give these to an agent.
"""

from ...core.principals import Kind
from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request

HUMANS_ONLY = frozenset(
    {
        Action.APPROVE,
        Action.REJECT,
        Action.REVOKE,
        Action.KEY_NEW,
        Action.KEY_ENROLL,
        Action.KEY_REVOKE,
        Action.KILL_CLEAR,
        Action.POLICY_ACTIVATE,
        Action.GATEWAY_RESUME,
        Action.PACK_TRUST,
    }
)


def decide(request: Request, _bundle: Bundle) -> Forbid | None:
    """Forbid these to every principal that is not a human."""
    if request.action not in HUMANS_ONLY or request.principal.kind is Kind.HUMAN:
        return None
    return Forbid(
        f"`{request.action}` is for humans; this principal is a {request.principal.kind}",
        code="human_only",
        next="ask a human to do this",
    )
