"""Research is not a stage anything is deployed to."""

from ...core.principals import Stage
from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request


def decide(request: Request, _bundle: Bundle) -> Forbid | None:
    """Forbid a deployment that names no stage at or above paper."""
    if request.action is Action.DEPLOY_REQUEST and request.stage is Stage.RESEARCH:
        return Forbid(
            "a deployment names stage paper, staging or live",
            code="stage_missing",
            next="deploy with `stage` set",
        )
    return None
