"""Only humans with an approver's role approve or reject."""

from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request


def decide(request: Request, bundle: Bundle) -> Forbid | None:
    """Forbid approving and rejecting without one of the bundle's approver roles."""
    if request.action not in {Action.APPROVE, Action.REJECT}:
        return None
    if request.principal.roles & bundle.approver_roles:
        return None
    roles = ", ".join(sorted(bundle.approver_roles))
    return Forbid(f"`{request.action}` needs one of the roles {roles}", code="role_missing")
