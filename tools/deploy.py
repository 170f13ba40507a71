"""``deploy``: ask for an experiment to trade; a human's signature is needed beyond paper."""

from typing import TYPE_CHECKING

from ..core.principals import stage_of
from ..policies.action import Action
from ..policies.request import Request
from .plan_fields import DeployInput, DeployOutput
from .tool import Call, Deed, Hints, Tool

if TYPE_CHECKING:
    from .lab import Lab


def deed(lab: "Lab", call: Call, asked: DeployInput) -> "Deed[DeployOutput]":
    """Name the action for the gate, and the work; nothing here can approve.

    Raises:
        NotFoundError: when this tenant has no such experiment, run or plan.
    """
    from . import deploying

    who = call.principal
    if asked.plan_id:
        request = Request(Action.DEPLOY_READ, who, resource=asked.plan_id)
        return Deed(request, lambda _: deploying.standing(lab, who, asked.plan_id))
    if asked.withdraw:
        request = Request(Action.WITHDRAW, who, resource=asked.withdraw)
        return Deed(request, lambda _: deploying.withdrawn(lab, who, asked))
    if asked.stop:
        request = Request(Action.DEPLOY_STOP, who, resource=asked.stop)
        return Deed(request, lambda _: deploying.stopped(lab, who, asked))
    draft = deploying.drafted(lab, who, asked)
    request = Request(
        action=Action.DEPLOY_REQUEST,
        principal=who,
        stage=stage_of(asked.stage),
        resource=draft.name,
        facts=lab.approvals.facts(draft.plan, who),
    )
    return Deed(
        request,
        work=lambda decision: deploying.created(lab, who, draft, decision),
        ask=lambda decision: deploying.submitted(lab, who, draft, decision),
    )


def summary(output: DeployOutput) -> str:
    """Say the answer in one line."""
    waits = " and waits for human signatures" if output.state == "pending" else ""
    request = f", request {output.request_id}" if output.request_id else ""
    return f"{output.plan_id} ({output.stage} on {output.venue}) is {output.state}{waits}{request}"


TOOL = Tool(
    name="deploy",
    title="Ask to deploy",
    description=(
        "Turn a completed run into a plan and ask for it to trade within limits: paper starts "
        "at once, staging and live wait until humans have signed exactly that plan; no tool can "
        "approve, and asking twice gives the same plan. Also shows (`plan_id`), withdraws or "
        "stops a plan. Use it last, after `compare`. Not for back-tests (`run`). Example: "
        '{"id": "exp_0a1b...", "stage": "paper", "limits": {"capital": "10000", '
        '"max_order_notional": "2500", "max_gross": "12000", "max_leverage": "2", '
        '"max_daily_loss": "500", "max_drawdown": "0.2"}}'
    ),
    input=DeployInput,
    output=DeployOutput,
    hints=Hints(is_read_only=False, is_destructive=True, is_open_world=True),
    deed=deed,
    summary=summary,
)
