"""The work behind ``deploy``: draft a plan, file or create it, say how it stands, take it back."""

import shlex
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING

from ..core.canonical import decimal_text
from ..core.clock import to_text
from ..core.diagnostics import echo
from ..core.errors import InvalidInputError, NotFoundError, RefusedError
from ..core.inert import inert
from ..core.principals import Principal, stage_of
from ..policies.limits import Limits, limits_from_table, limits_from_toml
from ..policies.plan import Plan, plan_hash, worst_case
from ..policies.plan import plan_id as plan_name
from ..runs.approvals import ApprovalRequest
from ..runs.deployments import Deployment, State
from ..runs.planning import Aim, Packs, identity, plan_of, require_completed
from .plan_fields import DeployInput, DeployOutput, VoteFields

if TYPE_CHECKING:
    from ..memory.experiment import Experiment
    from ..policies.decision import Decision
    from .lab import Lab

PLANS_MAX = 1_000
REASON_CHARS_MAX = 500
BEFORE_START = frozenset({State.REQUESTED, State.APPROVED})
ENDED = frozenset({"rejected", "expired", "revoked", "superseded", "withdrawn"})


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan that is not filed yet, with the text that it is made of."""

    name: str
    plan: Plan
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a plan: its request for approval, its deployment, or both."""

    plan: Plan
    request: ApprovalRequest | None
    deployment: Deployment | None


def drafted(lab: "Lab", who: Principal, asked: DeployInput) -> Draft:
    """Make the plan that is asked for.

    Raises:
        NotFoundError: when there is no such experiment or run.
        InvalidInputError: when the limits or instruments cannot be.
    """
    experiment = _experiment(lab, who, asked.id)
    require_completed(experiment)
    found = identity(
        experiment.text,
        lab.catalogue,
        bar_seconds=experiment.bar_seconds,
        packs=Packs(lab.packs.versions(), lab.packs.hashes()),
    )
    card = lab.lake.card(experiment.dataset, snapshot=experiment.snapshot)
    plan = plan_of(
        experiment,
        found,
        Aim(
            stage=stage_of(asked.stage),
            venue=asked.venue,
            account=asked.account,
            limits=_limits(asked),
            days=asked.days,
            instruments=tuple(asked.instruments),
        ),
        symbols=card.symbols,
        requester=who,
        bundle_hash=lab.gate.bundle.hash,
        now=lab.clock.now(),
    )
    return Draft(name=plan_name(plan), plan=plan, text=experiment.text, note=asked.note)


def created(lab: "Lab", who: Principal, draft: Draft, decision: "Decision") -> DeployOutput:
    """Keep the deployment of a plan that the policy allows at once."""
    deployment = lab.deployments.create(draft.plan, principal=who, text=draft.text)
    return _fields(Standing(draft.plan, None, deployment), decision)


def submitted(lab: "Lab", who: Principal, draft: Draft, decision: "Decision") -> DeployOutput:
    """File a plan for humans to sign, and the deployment that waits for it."""
    request = lab.approvals.submit(
        draft.plan,
        principal=who,
        text=draft.text,
        note=draft.note,
        decision_id=decision.id,
    )
    deployment = lab.deployments.create(
        draft.plan, principal=who, text=draft.text, request_id=request.request_id
    )
    return _fields(Standing(draft.plan, request, deployment), decision)


def standing(lab: "Lab", who: Principal, name: str) -> DeployOutput:
    """Say how a plan stands."""
    return _fields(_found(lab, who, name))


def withdrawn(lab: "Lab", who: Principal, asked: DeployInput) -> DeployOutput:
    """Take back a plan that waits."""
    found = _found(lab, who, asked.withdraw)
    if found.request is None:
        raise InvalidInputError(
            f"`{asked.withdraw}` waits for nobody",
            help="a paper deployment is stopped, not withdrawn",
            next="deploy with `stop`",
        )
    lab.approvals.withdraw(found.request.request_id, who, asked.note)
    if found.deployment is not None and found.deployment.state in BEFORE_START:
        _stop(lab, who, found.deployment, asked.note)
    return standing(lab, who, asked.withdraw)


def stopped(lab: "Lab", who: Principal, asked: DeployInput) -> DeployOutput:
    """Wind a deployment down; that only lowers risk."""
    found = _found(lab, who, asked.stop)
    if found.deployment is None:
        raise NotFoundError(
            f"`{asked.stop}` has no deployment", help="withdraw the plan", next="deploy"
        )
    _stop(lab, who, found.deployment, asked.note)
    return standing(lab, who, asked.stop)


def _stop(lab: "Lab", who: Principal, deployment: Deployment, note: str) -> None:
    if deployment.lineage != who.lineage:
        raise RefusedError(
            f"`{deployment.deployment_id}` runs in the name of {deployment.lineage}",
            decision_id="",
            rule_ids=("own_deployments_only",),
        )
    to = State.STOPPED if deployment.state in BEFORE_START else State.STOPPING
    if deployment.state not in {State.STOPPED, State.STOPPING}:
        lab.deployments.move(
            deployment.deployment_id, to, by=who.id, reason=note, tenant=who.tenant
        )


def _experiment(lab: "Lab", who: Principal, name: str) -> "Experiment":
    if name.startswith("run_"):
        return lab.experiments.get(lab.runs.show(name, who.tenant).experiment_id, who.tenant)
    return lab.experiments.get(name, who.tenant)


def _limits(asked: DeployInput) -> Limits:
    if isinstance(asked.limits, str):
        return limits_from_toml(asked.limits)
    return limits_from_table(dict(asked.limits))


def _found(lab: "Lab", who: Principal, name: str) -> Standing:
    """Find a plan by its own id, by that of its request or by that of its deployment."""
    if name.startswith("dep_"):
        return _of_deployment(lab, lab.deployments.get(name, who.tenant))
    if name.startswith("apr_"):
        return _of_request(lab, lab.approvals.get(name, who.tenant))
    for request in lab.approvals.requests(who.tenant, limit=PLANS_MAX):
        if name in _names(request.plan_hash):
            return _of_request(lab, lab.approvals.get(request.request_id, who.tenant))
    for deployment in lab.deployments.deployments(who.tenant, limit=PLANS_MAX):
        if name in _names(deployment.plan_hash):
            return _of_deployment(lab, deployment)
    raise NotFoundError(
        f"there is no plan `{echo(name)}`",
        help="pass the plan_id that `deploy` gave",
        next="deploy with `id` to make one",
    )


def _names(whole: str) -> tuple[str, str]:
    """Name a plan by its hash: by the whole of it or by the id that was told, never by a part."""
    return whole, f"plan_{whole[:20]}"


def _of_request(lab: "Lab", request: ApprovalRequest) -> Standing:
    deployment = lab.deployments.of_request(request.request_id, request.tenant)
    return Standing(request.plan, request, deployment)


def _of_deployment(lab: "Lab", deployment: Deployment) -> Standing:
    name = deployment.request_id
    request = lab.approvals.get(name, deployment.tenant) if name else None
    return Standing(deployment.plan, request, deployment)


def _fields(found: Standing, decision: "Decision | None" = None) -> DeployOutput:
    plan, request, deployment = found.plan, found.request, found.deployment
    worst = worst_case(plan)
    state = request.state.value if request else ""
    deployment_state = deployment.state.value if deployment else ""
    return DeployOutput(
        plan_id=plan_name(plan),
        plan_hash=plan_hash(plan),
        state=state or deployment_state,
        effect="needs_approval" if request else "allow",
        request_id=request.request_id if request else "",
        deployment_id=deployment.deployment_id if deployment else "",
        deployment_state=deployment_state,
        decision_id=request.decision_id if request else decision.id if decision else "",
        rule_ids=list(decision.rule_ids) if decision else [],
        stage=plan.stage.value,
        venue=plan.venue,
        account=plan.account,
        instruments=list(plan.instruments),
        limits=_exact(plan.limits),
        worst_case=_exact(worst),
        evidence=[item.run_id for item in plan.evidence],
        decide_by=to_text(request.decide_by) if request else "",
        run_until=to_text(request.run_until if request else plan.end_at),
        votes=[
            VoteFields(
                human=vote.human,
                decision=vote.signed.message.decision.value,
                reason=inert(vote.reason, REASON_CHARS_MAX),
            )
            for vote in (request.votes if request else ())
        ],
        human_steps=_human_steps(state, request, plan),
        next=_next(state, deployment_state),
    )


def _exact(amounts: object) -> dict[str, str]:
    assert is_dataclass(amounts)
    values = {item.name: getattr(amounts, item.name) for item in fields(amounts)}
    return {name: decimal_text(value) for name, value in values.items() if value is not None}


def _human_steps(state: str, request: ApprovalRequest | None, plan: Plan) -> list[str]:
    start = f"alphaforge gateway --account {shlex.quote(plan.account)}"
    if request is None:
        return [start]
    if state == "pending":
        name = shlex.quote(request.request_id)
        return [
            f"alphaforge approvals show {name}",
            f'alphaforge approvals approve {name} --key KEY_FILE --reason "..." (each signer)',
            start,
        ]
    return [start] if state == "approved" else []


def _next(state: str, deployment_state: str) -> str:
    if state == "pending":
        return "tell the human the request_id; `deploy` with plan_id shows the decision"
    if state in ENDED:
        return "read the reason; a changed plan is a new request"
    if deployment_state == "stopped":
        return "it stays stopped; ask with other limits, instruments or days for another plan"
    return "`deploy` with plan_id shows how it goes"
