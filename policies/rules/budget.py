"""A lineage has so many runs an hour and so many requests waiting for humans."""

from ...core.principals import Stage
from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request


def decide(request: Request, bundle: Bundle) -> Forbid | None:
    """Forbid what goes over the budget; facts_present sees to it that the counts are there."""
    budget = bundle.budget
    if request.action is Action.RUN and _count(request, "runs_last_hour") >= budget.runs_per_hour:
        return Forbid(
            f"this lineage has used its {budget.runs_per_hour} runs of the hour",
            code="runs_budget",
            next="wait, or search the experiments there are",
        )
    if request.action is not Action.DEPLOY_REQUEST or request.stage is Stage.PAPER:
        return None
    if _count(request, "pending") >= budget.pending_max:
        return Forbid(
            f"{budget.pending_max} requests of this lineage wait for humans already",
            code="pending_budget",
            next="withdraw one, or wait for its decision",
        )
    if request.facts.get("is_cooling_down") is True:
        return Forbid(
            f"this plan was rejected less than {bundle.queue.cool_down_hours} hours ago",
            code="cooling_down",
            next="change the plan as its rejection says",
        )
    return None


def _count(request: Request, name: str) -> int:
    value = request.facts.get(name, 0)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"fact `{name}` is no count")
