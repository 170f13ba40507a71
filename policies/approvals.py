"""An approval: the states it goes through, and whether signatures make a quorum; pure.

A row that says "approved" is a note for people. What lets an order out is ``quorum``: signatures of
enrolled humans over the hash of the plan that is about to run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from ..core.errors import ImpossibleMoveError
from .keyring import EnrolledKey, Keyring, human_name
from .message import TAG, Answer, Message, Signed, reason_hash, signed_from_fields
from .plan import Plan, plan_hash
from .quorum import QuorumPolicy
from .signing import verifies

__all__ = [
    "MOVES",
    "Answer",
    "Message",
    "Signed",
    "State",
    "Tally",
    "excluded_humans",
    "move",
    "quorum",
    "reason_hash",
    "signed_from_fields",
    "verify_signature",
]

# A signer's clock may run ahead of ours by so much.
CLOCK_SLACK = timedelta(seconds=5)


class State(StrEnum):
    """Where a request for approval stands."""

    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    CONSUMED = "consumed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


_OPEN = {State.EXPIRED, State.REVOKED, State.SUPERSEDED, State.WITHDRAWN}
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.PENDING, *_OPEN}),
        State.PENDING: frozenset({State.APPROVED, State.REJECTED, *_OPEN}),
        State.APPROVED: frozenset({State.CONSUMED, State.REJECTED, *_OPEN}),
        # Running: it ends by its time or by a human, and is never used again.
        State.CONSUMED: frozenset({State.EXPIRED, State.REVOKED}),
        State.REJECTED: frozenset(),
        State.EXPIRED: frozenset(),
        State.REVOKED: frozenset(),
        State.SUPERSEDED: frozenset(),
        State.WITHDRAWN: frozenset(),
    }
)
TERMINAL = frozenset(state for state, ways in MOVES.items() if not ways)


def move(state: State, to: State) -> State:
    """Step to the next state, or raise when the table has no such step."""
    if to not in MOVES[state]:
        raise ImpossibleMoveError(state, to)
    return to


@dataclass(frozen=True, slots=True)
class Tally:
    """What the signatures of a plan amount to at one instant."""

    is_met: bool
    humans: tuple[str, ...]
    faults: tuple[str, ...]  # one a signature that does not count, and why
    missing: str  # what lacks, in words; empty when the quorum is met
    has_demo_keys: bool
    is_rejected: bool
    run_until: datetime | None  # the earliest that the counted signatures name


def verify_signature(signed: Signed, keyring: Keyring) -> EnrolledKey | None:
    """Return the enrolled key that made this signature, or nothing."""
    key = keyring.find(signed.key_id)
    if key is None or signed.message.tag != TAG:
        return None
    is_good = verifies(key.public_key, signed.signature, signed.message.canonical())
    return key if is_good else None


def excluded_humans(plan: Plan) -> frozenset[str]:
    """Return who does not count for this plan: requester, sponsor and authors (SAFETY A6)."""
    return frozenset(
        human_name(name) for name in (plan.requester, plan.sponsor, *plan.authors) if name
    )


def quorum(  # noqa: PLR0913  # The facts of one count.
    signed: Sequence[Signed],
    *,
    keyring: Keyring,
    plan: Plan,
    request_id: str,
    policy: QuorumPolicy,
    at: datetime,
    demo_venues: Sequence[str] = ("sim",),
) -> Tally:
    """Count the humans who approved exactly this plan, as of an instant.

    The plan's hash is computed here, from the plan given: the caller passes the one it is about to
    run. One valid rejection outweighs every approval.
    """
    counted: dict[str, EnrolledKey] = {}
    faults: list[str] = []
    is_rejected = False
    ends: list[datetime] = []
    count = _Count(keyring, plan, plan_hash(plan), request_id, policy, at, tuple(demo_venues))
    for item in signed:
        key = verify_signature(item, keyring)
        fault = _stranger(item) if key is None else count.fault(item.message, key)
        if key is None or fault:
            faults.append(fault)
        elif item.message.decision is Answer.REJECT:
            is_rejected = True
        else:
            counted[key.human] = key
            ends.append(item.message.run_until)
    missing = "a human has rejected it" if is_rejected else _missing(counted, keyring, policy)
    return Tally(
        is_met=not missing,
        humans=tuple(sorted(counted)),
        faults=tuple(faults),
        missing=missing,
        has_demo_keys=any(key.is_demo for key in counted.values()),
        is_rejected=is_rejected,
        run_until=min(ends, default=None),
    )


def _stranger(item: Signed) -> str:
    return f"{item.key_id[:40]}: no enrolled key has signed this"


@dataclass(frozen=True, slots=True)
class _Count:
    """What every signature of one count is held against."""

    keyring: Keyring
    plan: Plan
    plan_hash: str
    request_id: str
    policy: QuorumPolicy
    at: datetime
    demo_venues: tuple[str, ...]

    def fault(self, message: Message, key: EnrolledKey) -> str:
        """Say why a verified signature does not count, or nothing when it does."""
        words = self._other_matter(message) or self._other_time(message) or self._other_human(key)
        return f"{key.human}: {words}" if words else ""

    def _other_matter(self, message: Message) -> str:
        if message.plan_hash != self.plan_hash:
            return "signed another plan"
        if message.request_id != self.request_id:
            return "signed another request"
        if message.quorum_policy_hash != self.policy.hash():
            return "signed under another quorum"
        return ""

    def _other_time(self, message: Message) -> str:
        if message.decided_at >= message.decide_by:
            return "signed after the time to decide"
        if message.decided_at > self.at + CLOCK_SLACK:
            return "signed in the future"
        if message.run_until > self.plan.end_at:
            return "signed for longer than the plan runs"
        if self.at >= message.run_until:
            return "its approval has ended"
        return ""

    def _other_human(self, key: EnrolledKey) -> str:
        if key.is_demo and self.plan.venue not in self.demo_venues:
            return f"a demo key does not count on the venue `{self.plan.venue}`"
        if not self.policy.roles_counted & set(key.roles):
            return "holds no role that counts"
        if key.human in excluded_humans(self.plan):
            return "has asked for this plan, sponsors it or wrote it"
        return ""


def _missing(counted: Mapping[str, EnrolledKey], keyring: Keyring, policy: QuorumPolicy) -> str:
    if not keyring.active:
        return "the keyring is empty, so nothing can go live"
    lacking = policy.signatures - len(counted)
    if lacking > 0:
        return f"{lacking} of {policy.signatures} signatures are missing"
    held = {role for key in counted.values() for role in key.roles}
    roles = [role for role in policy.roles_needed if role not in held]
    return f"a signature with role {', '.join(roles)} is missing" if roles else ""
