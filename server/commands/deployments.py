"""``alphaforge deployments list|show|stop``: what is asked for, runs, or has ended."""

from argparse import ArgumentParser, Namespace

from ...core.canonical import decimal_text, plain
from ...core.clock import to_text
from ...core.errors import ConflictError
from ...core.inert import inert
from ...policies.action import Action
from ...policies.approvals import TERMINAL
from ...policies.request import Request
from ...runs.deployments import Deployment, State
from ..command import Answer, Command, Session

ACTIONS = {"list": Action.DEPLOY_READ, "show": Action.DEPLOY_READ, "stop": Action.DEPLOY_STOP}
LIVELY = tuple(state for state in State if state is not State.STOPPED)
NOT_STARTED = frozenset({State.REQUESTED, State.APPROVED})


def configure(parser: ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="deployments that have not ended")
    listing.add_argument("--all", action="store_true", help="stopped ones too")
    listing.add_argument("--limit", type=int, default=50)
    show = verbs.add_parser("show", help="one deployment with its plan")
    show.add_argument("id")
    stop = verbs.add_parser("stop", help="end a deployment; its approval ends with it")
    stop.add_argument("id")
    stop.add_argument("--reason", default="stopped by hand")


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(ACTIONS[args.verb], session.principal, resource=getattr(args, "id", ""))


def run(session: Session, args: Namespace) -> Answer:
    """Answer one verb."""
    if args.verb == "list":
        return _list(session, args)
    found = session.lab.deployments.get(args.id, session.principal.tenant)
    if args.verb == "stop":
        return _stop(session, found, args.reason)
    answer = _brief(found) | {"plan": plain(found.plan)}
    lines = [f"{name}: {inert(str(value), 200)}" for name, value in answer.items()]
    return Answer(answer, "\n".join(lines))


def _list(session: Session, args: Namespace) -> Answer:
    found = session.lab.deployments.deployments(
        session.principal.tenant, states=() if args.all else LIVELY, limit=args.limit
    )
    rows = [_brief(item) for item in found]
    lines = [
        inert(
            f"{row['deployment_id']}  {row['state']:<9} {row['stage']:<7} "
            f"{row['venue']}/{row['account']}  capital {row['capital']}  {row['reason']}"
        )
        for row in rows
    ]
    return Answer({"deployments": rows}, "\n".join(lines) or "no deployment")


def _stop(session: Session, found: Deployment, reason: str) -> Answer:
    if found.state is State.STOPPED:
        raise ConflictError(f"`{found.deployment_id}` has stopped already")
    if found.request_id:
        # The gateway looks at the approval for every order: this is what stops it.
        request_now = session.lab.approvals.get(found.request_id, found.tenant)
        if request_now.state not in TERMINAL:
            session.lab.approvals.revoke(found.request_id, session.principal, reason)
    to = State.STOPPED if found.state in NOT_STARTED else State.STOPPING
    after = session.lab.deployments.move(
        found.deployment_id, to, by=session.principal.id, reason=reason, tenant=found.tenant
    )
    return Answer(_brief(after), f"{after.deployment_id} is {after.state.value}")


def _brief(found: Deployment) -> dict[str, object]:
    return {
        "deployment_id": found.deployment_id,
        "request_id": found.request_id,
        "plan_id": f"plan_{found.plan_hash[:20]}",
        "plan_hash": found.plan_hash,
        "state": found.state.value,
        "stage": inert(found.stage, 200),
        "venue": inert(found.venue, 200),
        "account": inert(found.account, 200),
        "capital": decimal_text(found.plan.capital),
        "requester": inert(found.requester, 200),
        "reason": inert(found.reason, 200),
        "updated_at": to_text(found.updated_at),
    }


COMMAND = Command("deployments", "list, show and stop deployments", configure, run, request)
