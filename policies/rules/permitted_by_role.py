"""A human may do what the bundle lists for one of the roles held."""

from ...core.principals import Kind
from ..decision import Permit
from ..model import Bundle
from ..request import Request


def decide(request: Request, bundle: Bundle) -> Permit | None:
    """Permit when a role of this human holds the action, or every human may do it."""
    if request.principal.kind is not Kind.HUMAN:
        return None
    if request.action in bundle.humans:
        return Permit(f"any human may `{request.action}`")
    for role in sorted(request.principal.roles):
        if request.action in bundle.roles.get(role, frozenset()):
            return Permit(f"role {role} may `{request.action}`")
    return None
