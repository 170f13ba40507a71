"""An agent never starts a gateway."""

from ...core.principals import Kind
from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request


def decide(request: Request, _bundle: Bundle) -> Forbid | None:
    """Forbid agents to start the process that holds a venue's keys."""
    if request.action is Action.GATEWAY_START and request.principal.kind is Kind.AGENT:
        return Forbid("an agent cannot start a gateway", code="human_only")
    return None
