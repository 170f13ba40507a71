"""``alphaforge approvals list|show|approve|reject|revoke|withdraw``: where humans decide."""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...core.clock import SystemClock
from ...core.errors import AlphaForgeError, ConflictError, InvalidInputError
from ...core.inert import inert
from ...core.principals import Stage
from ...policies.action import Action
from ...policies.approvals import Answer as Decision
from ...policies.approvals import Message, Signed, State, reason_hash
from ...policies.plan import hash_of
from ...policies.request import Request
from ...runs.approvals import ApprovalRequest
from ...runs.deployments import MOVES
from ...runs.deployments import State as Running
from ..approval_page import brief, fields, page
from ..command import Answer, Command, Session
from ..keyfiles import CHECKPOINTS, load_keyring, open_key
from .keys import passphrase

ACTIONS = {
    "list": Action.APPROVAL_READ,
    "show": Action.APPROVAL_READ,
    "approve": Action.APPROVE,
    "reject": Action.REJECT,
    "revoke": Action.REVOKE,
    "withdraw": Action.WITHDRAW,
}
OPEN = (State.PENDING, State.APPROVED, State.CONSUMED)
HASH_CHARS_TYPED = 8


def configure(parser: ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="what waits for humans, is approved or runs")
    listing.add_argument("--all", action="store_true", help="decided and ended ones too")
    listing.add_argument("--limit", type=int, default=50)
    show = verbs.add_parser("show", help="one request: numbers first, then all of the plan")
    show.add_argument("id")
    for verb, words in (
        ("approve", "sign that exactly this plan may run"),
        ("reject", "sign that it may not"),
    ):
        sign = verbs.add_parser(verb, help=words)
        sign.add_argument("id")
        sign.add_argument("--key", type=Path, required=True, help="your key file")
        sign.add_argument("--reason", required=True, help="why; it is signed too")
        sign.add_argument("--passphrase-file", type=Path, help="read it here instead of asking")
        sign.add_argument("--plan-hash", default="", help="the hash you were shown")
    for verb, words in (
        ("revoke", "end an approval, a running one included"),
        ("withdraw", "take your own request back"),
    ):
        end = verbs.add_parser(verb, help=words)
        end.add_argument("id")
        end.add_argument("--reason", required=True)


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    is_read = args.verb in {"list", "show"}
    stage = Stage.RESEARCH if is_read else Stage.LIVE
    resource = getattr(args, "id", "")
    return Request(ACTIONS[args.verb], session.principal, stage=stage, resource=resource)


def run(session: Session, args: Namespace) -> Answer:
    """Answer one verb."""
    match args.verb:
        case "list":
            return _list(session, args)
        case "show":
            return _show(session, args.id)
        case "approve":
            return _decide(session, args, Decision.APPROVE)
        case "reject":
            return _decide(session, args, Decision.REJECT)
        case _:
            return _end(session, args)


def _list(session: Session, args: Namespace) -> Answer:
    found = session.lab.approvals.requests(
        session.principal.tenant, states=() if args.all else OPEN, limit=args.limit
    )
    rows = [brief(item) for item in found]
    lines = [
        inert(
            f"{row['request_id']}  {row['state']:<10} {row['stage']:<7} "
            f"{row['venue']}/{row['account']}  capital {row['capital']}  by {row['requester']}  "
            f"decide by {row['decide_by']}"
        )
        for row in rows
    ]
    return Answer({"approvals": rows}, "\n".join(lines) or "nothing waits for a human")


def _show(session: Session, request_id: str) -> Answer:
    approvals = session.lab.approvals
    found = approvals.get(request_id, session.principal.tenant)
    tally = approvals.tally(found, load_keyring(session.settings.gateway_home))
    before = approvals.last_approved(found.plan)
    return Answer(fields(found, tally, before), page(found, tally, before))


def _decide(session: Session, args: Namespace, decision: Decision) -> Answer:
    """Show the plan, and sign the hash of what was shown."""
    approvals = session.lab.approvals
    found = approvals.get(args.id, session.principal.tenant)
    keyring = load_keyring(session.settings.gateway_home)
    shown = page(found, approvals.tally(found, keyring), approvals.last_approved(found.plan))
    _confirm(session, found, args.plan_hash, shown, decision)
    key = open_key(
        args.key.expanduser(), passphrase(args.passphrase_file, f"Passphrase of {args.key.name}: ")
    )
    message = Message(
        request_id=found.request_id,
        # Of the bytes that were shown, not of what a row says about them.
        plan_hash=hash_of(found.plan_bytes),
        decision=decision,
        reason_hash=reason_hash(args.reason),
        decided_at=SystemClock().now(),
        decide_by=found.decide_by,
        run_until=found.run_until,
        quorum_policy_hash=approvals.quorum_policy_hash(found.stage),
        journal_head=approvals.journal_head(),
    )
    signed = Signed(message, key.key_id, key.sign(message.canonical()))
    after = approvals.attach(
        found.request_id,
        signed,
        reason=args.reason,
        keyring=keyring,
        tenant=session.principal.tenant,
    )
    _follow(session, after)
    _checkpoint(session)
    tally = approvals.tally(after, keyring)
    text = f"{key.human} {decision.value}s {after.request_id}: now {after.state.value}"
    answer = fields(after, tally, None) | {"signed_with": key.key_id}
    return Answer(answer, text + (f"; {tally.missing}" if tally.missing else ""))


def _confirm(
    session: Session, found: ApprovalRequest, plan_hash: str, shown: str, decision: Decision
) -> None:
    """See to it that the human has seen what is signed.

    Raises:
        ConflictError: when the plan shown before is not the plan there is.
    """
    if plan_hash:
        if plan_hash != found.plan_hash:
            raise ConflictError(
                f"the plan of `{found.request_id}` has the hash `{found.plan_hash}`, not the one "
                "you were shown",
                help=f"alphaforge approvals show {found.request_id}",
            )
        return
    if not session.is_json:
        sys.stdout.write(shown + "\n\n")
    if not sys.stdin.isatty() or session.is_json:
        return
    start = found.plan_hash[:HASH_CHARS_TYPED]
    typed = input(f"To {decision.value}, type the first {HASH_CHARS_TYPED} letters of the hash: ")
    if typed.strip() != start:
        raise InvalidInputError(f"`{typed[:20]}` is not `{start}`: nothing was signed")


def _end(session: Session, args: Namespace) -> Answer:
    approvals = session.lab.approvals
    if args.verb == "revoke":
        after = approvals.revoke(args.id, session.principal, args.reason)
    else:
        after = approvals.withdraw(args.id, session.principal, args.reason)
    _follow(session, after)
    _checkpoint(session)
    return Answer(brief(after), f"{after.request_id} is {after.state.value}")


def _follow(session: Session, after: ApprovalRequest) -> None:
    """Let the deployment's row follow its request; the gateway looks at the request itself."""
    deployments = session.lab.deployments
    found = deployments.of_request(after.request_id, after.tenant)
    if found is None or after.state in {State.PENDING, State.CONSUMED}:
        return
    to = Running.APPROVED
    if after.state is not State.APPROVED:
        to = (
            Running.STOPPED
            if found.state in {Running.REQUESTED, Running.APPROVED}
            else (Running.STOPPING)
        )
    if to in MOVES[found.state]:
        deployments.move(
            found.deployment_id,
            to,
            by=session.principal.id,
            reason=f"its request is {after.state.value}",
            tenant=after.tenant,
        )


def _checkpoint(session: Session) -> None:
    """Leave the journal's size and head where the server cannot rewrite them."""
    folder = session.settings.gateway_home / "audit"
    try:
        session.gate.journal.checkpoint(folder / CHECKPOINTS)
    except (OSError, AlphaForgeError):
        # Another user's home: the signature itself holds the journal's head.
        return


COMMAND = Command(
    "approvals", "list, show, approve, reject and revoke requests", configure, run, request
)
