"""Agents and services may do what the bundle lists for their kind; some deeds are for anyone."""

from ...core.principals import Kind
from ..decision import Permit
from ..model import Bundle
from ..request import Request


def decide(request: Request, bundle: Bundle) -> Permit | None:
    """Permit by what the principal is."""
    kind = request.principal.kind
    if request.action in bundle.anyone:
        return Permit(f"anyone may `{request.action}`")
    if kind is Kind.AGENT and request.action in bundle.agents:
        return Permit(f"an agent may `{request.action}`")
    if kind is Kind.SERVICE and request.action in bundle.services:
        return Permit(f"a service may `{request.action}`")
    return None
