"""The queue of plans that wait for humans: durable, journalled before effect, compare-and-set.

Each write holds the control store's write lock, appends to the journal, and only then changes the
row: a crash in between leaves a journal entry without effect, never an effect without an entry.
Nothing here lets an order out; the gateway counts the signatures again with its own keyring.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from ..core.clock import Clock, to_text
from ..core.errors import ConflictError, InvalidInputError, LimitError, RefusedError
from ..core.ids import Ids
from ..core.journal import Journal
from ..core.principals import DEFAULT_TENANT, Principal, Stage
from ..policies.approvals import Answer, Signed, State, Tally, move, quorum, reason_hash
from ..policies.bundle import Bundle, default_bundle
from ..policies.keyring import Keyring
from ..policies.plan import Plan, hash_of, plan_from_json, plan_json
from ..policies.request import Fact
from .approval_rows import ApprovalRequest, Vote, request_of
from .approval_store import SYSTEM, ApprovalStore

__all__ = ["ApprovalRequest", "Approvals", "Vote"]

REASON_CHARS_MAX = 2000
NOTE_CHARS_MAX = 4000
PAGE_MAX = 1000
# A signature is kept when it is made, or nearly: none is taken out of a drawer.
SIGNED_AGO_MAX = timedelta(minutes=10)


class Approvals:
    """Submit plans, collect signed answers, and move requests through their states."""

    def __init__(
        self,
        control_db: Path,
        journal: Journal,
        clock: Clock,
        ids: Ids,
        *,
        bundle: Bundle | None = None,
    ) -> None:
        """Open the queue of a home; the bundle gives its times, rates and quorums."""
        self._store = ApprovalStore(control_db, journal, clock)
        self._journal = journal
        self._clock = clock
        self._ids = ids
        self._bundle = bundle or default_bundle()

    def facts(self, plan: Plan, principal: Principal) -> dict[str, Fact]:
        """Return the facts that the policy needs of a request to deploy this plan."""
        digest = hash_of(plan_json(plan))
        self._store.expire_due()
        others = self._others(plan, principal, digest)
        return {
            "venue": plan.venue,
            "capital": plan.capital,
            "max_gross": plan.limits.max_gross,
            "instruments": ",".join(plan.instruments),
            "lineage_capital": sum((other.plan.capital for other in others), Decimal(0)),
            "pending": sum(1 for other in others if other.state is State.PENDING),
            "is_cooling_down": self._is_cooling(principal.tenant, digest, self._clock.now()),
        }

    def submit(
        self,
        plan: Plan,
        *,
        principal: Principal,
        text: str = "",
        note: str = "",
        decision_id: str = "",
    ) -> ApprovalRequest:
        """File a plan for humans; the same plan again gives the same request.

        ``text`` is the strategy's source, ``note`` the asker's own words (shown last, and inert).

        Raises:
            ConflictError: when this very plan was rejected a short while ago.
            LimitError: when too many requests of this lineage wait already.
            InvalidInputError: when the plan is another's or has ended, or the note is too long.
        """
        if len(note) > NOTE_CHARS_MAX:
            raise InvalidInputError(f"a note of {len(note)} characters is over {NOTE_CHARS_MAX}")
        if (plan.requester, plan.tenant) != (principal.id, principal.tenant):
            raise InvalidInputError("a plan names its own requester and tenant")
        body = plan_json(plan)
        digest = hash_of(plan_json(plan_from_json(body)))  # A plan that cannot be read is none.
        with self._store.writing() as now:
            known = self._open_twin(principal.tenant, digest)
            if known:
                return self._store.one(known, principal.tenant)
            self._check_room(plan, principal, digest, now)
            self._supersede(plan, principal, digest, now)
            run_until = min(plan.end_at, now + timedelta(days=self._bundle.queue.run_days_max))
            decide_by = now + timedelta(hours=self._bundle.queue.decide_hours_max)
            request = ApprovalRequest(
                request_id=self._ids.mint("apr"),
                tenant=principal.tenant,
                lineage=principal.lineage,
                requester=principal.id,
                plan_hash=digest,
                plan_bytes=body,
                text=text,
                note=note,
                stage=plan.stage.value,
                venue=plan.venue,
                account=plan.account,
                family=plan.family,
                state=State.PENDING,
                version=1,
                reason="",
                decision_id=decision_id,
                created_at=now,
                updated_at=now,
                decide_by=min(decide_by, run_until),
                run_until=run_until,
            )
            self._store.add(request, principal)
        return request

    def get(self, request_id: str, tenant: str = DEFAULT_TENANT) -> ApprovalRequest:
        """Return one request with its votes.

        Raises:
            NotFoundError: when this tenant has no such request.
        """
        self._store.expire_due()
        return self._store.one(request_id, tenant)

    def requests(
        self, tenant: str = DEFAULT_TENANT, *, states: Sequence[State] = (), limit: int = 50
    ) -> list[ApprovalRequest]:
        """List requests, the newest first, without their votes."""
        self._store.expire_due()
        marks = ",".join("?" * len(states))
        where = f"tenant = ? AND state IN ({marks})" if states else "tenant = ?"
        rows = self._store.rows(
            f"{where} ORDER BY created_at DESC, request_id LIMIT ?",
            (tenant, *(state.value for state in states), min(limit, PAGE_MAX)),
        )
        return [request_of(row) for row in rows]

    def last_approved(self, plan: Plan) -> ApprovalRequest | None:
        """Return the plan last approved for this family and account, to compare with."""
        rows = self._store.rows(
            "tenant = ? AND family = ? AND account = ? AND venue = ? AND plan_hash <> ? "
            "AND state IN ('consumed', 'approved') ORDER BY updated_at DESC LIMIT 1",
            (plan.tenant, plan.family, plan.account, plan.venue, hash_of(plan_json(plan))),
        )
        return request_of(rows[0]) if rows else None

    def attach(
        self,
        request_id: str,
        signed: Signed,
        *,
        reason: str,
        keyring: Keyring,
        tenant: str = DEFAULT_TENANT,
    ) -> ApprovalRequest:
        """Store a human's signed answer; the request moves when the answers suffice.

        Raises:
            RefusedError: when the signature does not count, and why.
            ImpossibleMoveError: when the request is not waiting for this answer.
            InvalidInputError: when there is no reason, or another than was signed.
        """
        _check_reason(reason)
        if signed.message.reason_hash != reason_hash(reason):
            raise InvalidInputError("the reason is not the one that was signed")
        is_rejection = signed.message.decision is Answer.REJECT
        with self._store.writing() as now:
            request = self._store.one(request_id, tenant)
            move(request.state, State.REJECTED if is_rejection else State.APPROVED)
            human = self._checked(request, signed, keyring, now)
            vote = Vote(human, reason, signed)
            if any(_is_same(vote, other) for other in request.votes):
                return request
            if not is_rejection:
                self._check_rate(human, request, now)
            self._store.add_vote(request, vote, now)
            request = self._store.one(request_id, tenant)
            tally = self.tally(request, keyring, now)
            if tally.is_rejected:
                self._move(request, State.REJECTED, f"human:{human}", reason, now)
            elif tally.is_met:
                words = f"signed by {', '.join(tally.humans)}"
                self._move(request, State.APPROVED, f"human:{human}", words, now)
            return self._store.one(request_id, tenant)

    def tally(
        self, request: ApprovalRequest, keyring: Keyring, at: datetime | None = None
    ) -> Tally:
        """Count the signatures of a request as they stand."""
        return quorum(
            request.signed,
            keyring=keyring,
            plan=request.plan,
            request_id=request.request_id,
            policy=self._bundle.quorum(request.stage),
            at=at or self._clock.now(),
            demo_venues=self._bundle.demo_venues,
        )

    def withdraw(self, request_id: str, principal: Principal, reason: str) -> ApprovalRequest:
        """Take a request back; only its own lineage may.

        Raises:
            RefusedError: when another lineage asked for it.
            ImpossibleMoveError: when it is running or has ended.
        """
        with self._store.writing() as now:
            request = self._store.one(request_id, principal.tenant)
            if request.lineage != principal.lineage:
                raise RefusedError(
                    f"`{request_id}` was not asked for in your name",
                    decision_id=request.decision_id,
                    rule_ids=("own_requests_only",),
                )
            self._move(request, State.WITHDRAWN, principal.id, reason, now)
            return self._store.one(request_id, principal.tenant)

    def revoke(self, request_id: str, principal: Principal, reason: str) -> ApprovalRequest:
        """End an approval, a running one included; the gateway winds its deployment down.

        Raises:
            InvalidInputError: when there is no reason.
            ImpossibleMoveError: when it has ended already.
        """
        _check_reason(reason)
        with self._store.writing() as now:
            request = self._store.one(request_id, principal.tenant)
            self._move(request, State.REVOKED, principal.id, reason, now)
            return self._store.one(request_id, principal.tenant)

    def consume(self, request_id: str, principal: Principal, deployment_id: str) -> ApprovalRequest:
        """Note that the gateway has used an approval; whether it may stands in its own journal.

        Raises:
            ImpossibleMoveError: when it is not approved, or used already.
        """
        with self._store.writing() as now:
            request = self._store.one(request_id, principal.tenant)
            self._move(request, State.CONSUMED, principal.id, deployment_id, now)
            return self._store.one(request_id, principal.tenant)

    def journal_head(self) -> str:
        """Return the head that a signature witnesses."""
        return self._journal.head()

    def quorum_policy_hash(self, stage: str) -> str:
        """Return the hash of the quorum that a signature is given under."""
        return self._bundle.quorum(stage).hash()

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _move(
        self, request: ApprovalRequest, to: State, by: str, reason: str, at: datetime
    ) -> None:
        self._store.move(request, to, by=by, reason=reason, at=at)

    def _open_twin(self, tenant: str, digest: str) -> str:
        rows = self._store.rows(
            "tenant = ? AND plan_hash = ? AND state IN ('pending', 'approved', 'consumed')",
            (tenant, digest),
        )
        return str(rows[0]["request_id"]) if rows else ""

    def _others(self, plan: Plan, principal: Principal, digest: str) -> list[ApprovalRequest]:
        """Return what this lineage has open at this stage and would keep beside the plan."""
        rows = self._store.rows(
            "tenant = ? AND lineage = ? AND stage = ? AND plan_hash <> ? "
            "AND state IN ('pending', 'approved', 'consumed')",
            (principal.tenant, principal.lineage, plan.stage.value, digest),
        )
        requests = [request_of(row) for row in rows]
        return [request for request in requests if not _replaces(plan, request)]

    def _is_cooling(self, tenant: str, digest: str, now: datetime) -> bool:
        since = now - timedelta(hours=self._bundle.queue.cool_down_hours)
        where = "tenant = ? AND plan_hash = ? AND state = 'rejected' AND updated_at > ? LIMIT 1"
        return bool(self._store.rows(where, (tenant, digest, to_text(since))))

    def _check_room(self, plan: Plan, principal: Principal, digest: str, now: datetime) -> None:
        if plan.end_at <= now:
            raise InvalidInputError(
                "the plan's time has ended", help="ask for the deployment again"
            )
        if self._is_cooling(principal.tenant, digest, now):
            raise ConflictError(
                f"this plan was rejected less than {self._bundle.queue.cool_down_hours} hours ago",
                help="change the plan as its rejection says",
            )
        others = self._others(plan, principal, digest)
        waiting = sum(1 for other in others if other.state is State.PENDING)
        if waiting >= self._bundle.budget.pending_max:
            raise LimitError(
                f"{waiting} requests of this lineage wait for humans already",
                help="withdraw one, or wait for its decision",
            )

    def _supersede(self, plan: Plan, principal: Principal, digest: str, now: datetime) -> None:
        rows = self._store.rows(
            "tenant = ? AND lineage = ? AND plan_hash <> ? AND state IN ('pending', 'approved')",
            (principal.tenant, principal.lineage, digest),
        )
        for request in map(request_of, rows):
            if _replaces(plan, request):
                words = f"a changed plan {digest[:20]} took its place"
                self._move(request, State.SUPERSEDED, SYSTEM, words, now)

    def _checked(
        self, request: ApprovalRequest, signed: Signed, keyring: Keyring, now: datetime
    ) -> str:
        """Return the human behind a signature that counts for this request."""
        message = signed.message
        if (message.decide_by, message.run_until) != (request.decide_by, request.run_until):
            raise InvalidInputError("the signature names other times than the request")
        if message.decided_at < now - SIGNED_AGO_MAX:
            raise InvalidInputError("the signature is older than ten minutes", help="sign again")
        alone = self.tally(_with_only(request, signed), keyring, now)
        key = keyring.find(signed.key_id)
        if key is None or alone.faults:
            raise RefusedError(
                f"this signature does not count: {'; '.join(alone.faults)}",
                decision_id=request.decision_id,
                rule_ids=("signature_counts",),
                help="see `alphaforge keys list` and `alphaforge approvals show`",
            )
        return key.human

    def _check_rate(self, human: str, request: ApprovalRequest, now: datetime) -> None:
        if Stage(request.stage) is not Stage.LIVE:
            return
        per_hour = self._bundle.queue.approvals_per_hour
        if self._store.approvals_since(human, now - timedelta(hours=1)) >= per_hour:
            raise LimitError(
                f"{human} has approved {per_hour} plans within the hour",
                help="wait: nobody reads faster than that",
            )


def _check_reason(reason: str) -> None:
    if not reason.strip() or len(reason) > REASON_CHARS_MAX:
        raise InvalidInputError(
            f"a decision needs a reason of 1 to {REASON_CHARS_MAX} characters",
            help='give --reason "..."',
        )


def _is_same(vote: Vote, other: Vote) -> bool:
    decisions = vote.signed.message.decision, other.signed.message.decision
    return vote.human == other.human and decisions[0] is decisions[1]


def _replaces(plan: Plan, request: ApprovalRequest) -> bool:
    """Tell whether a plan takes the place of a request that is not running yet."""
    here = (plan.family, plan.account, plan.venue, plan.stage.value)
    there = (request.family, request.account, request.venue, request.stage)
    return request.state is not State.CONSUMED and here == there


def _with_only(request: ApprovalRequest, signed: Signed) -> ApprovalRequest:
    return replace(request, votes=(Vote("", "", signed),))
