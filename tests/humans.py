"""Humans with keys, a plan, and their signatures: what tests of approvals start from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alphaforge.core.chain import GENESIS
from alphaforge.core.principals import Kind, Principal, Stage
from alphaforge.policies.approvals import Answer, Message, Signed, reason_hash
from alphaforge.policies.bundle import default_bundle
from alphaforge.policies.keyring import Card, Keyring, KeySignature, card_message, enrolled
from alphaforge.policies.limits import Limits
from alphaforge.policies.plan import Evidence, PackRef, Plan, plan_hash
from alphaforge.policies.request import Fact
from alphaforge.policies.signing import key_id, public_hex, sign

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AGENT = Principal("agent:ada", Kind.AGENT, frozenset({"agent", "researcher"}), sponsor="human:sam")
SAM = Principal("human:sam", Kind.HUMAN, frozenset({"researcher", "pm", "risk"}))
GATEWAY = Principal("service:gateway", Kind.SERVICE, frozenset({"gateway"}))
DEPLOY: dict[str, Fact] = {
    "venue": "sim",
    "capital": Decimal(10000),
    "max_gross": Decimal(15000),
    "lineage_capital": Decimal(0),
    "pending": 0,
    "instruments": "BTCUSDT,ETHUSDT",
    "is_cooling_down": False,
}
REASON = "the drawdown fits the budget"


@dataclass(frozen=True)
class Human:
    """A person and the private half of their key, always the same for a name."""

    name: str
    roles: tuple[str, ...] = ("pm",)

    @property
    def private(self) -> Ed25519PrivateKey:
        seed = sha256(f"test key of {self.name} {self.roles}".encode()).digest()
        return Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public_key(self) -> str:
        return public_hex(self.private)

    @property
    def key_id(self) -> str:
        return key_id(self.public_key)

    def card(self) -> Card:
        proof = sign(self.private, card_message(self.name, self.public_key))
        return Card(self.name, self.public_key, proof)

    def sign_key_change(self, message: bytes) -> KeySignature:
        return KeySignature(self.key_id, sign(self.private, message))

    def sign(self, message: Message) -> Signed:
        return Signed(message, self.key_id, sign(self.private, message.canonical()))


PAM = Human("pam", ("pm",))
RIK = Human("rik", ("risk",))
APE = Human("ape", ("approver",))


def ring(*humans: Human, is_demo: bool = False, at: datetime = NOON - DAY) -> Keyring:
    """Enrol humans; from the third on, the first two sign."""
    from alphaforge.policies.keyring import enroll_message

    grown = Keyring()
    for human in humans:
        message = enroll_message(grown, human.card(), human.roles, is_demo=is_demo)
        signers = [one.sign_key_change(message) for one in humans[:2]]
        grown = enrolled(
            grown, human.card(), human.roles, is_demo=is_demo, at=at, signatures=signers
        )
    return grown


LIMITS = Limits(
    capital=Decimal(10000),
    max_order_notional=Decimal(2000),
    max_gross=Decimal(15000),
    max_leverage=Decimal(2),
    max_daily_loss=Decimal(500),
    max_drawdown=Decimal("0.2"),
)
PLAN = Plan(
    fingerprint="str_aa",
    family="sig_aa",
    source_hash="11",
    ir_hash="22",
    compiler_version="0.1.0",
    operators_version="33",
    packs=(PackRef("midfreq", "1.0", "44"),),
    snapshots=("snap_1",),
    evidence=(Evidence("run_1", "55"),),
    stage=Stage.LIVE,
    venue="sim",
    account="main",
    instruments=("BTCUSDT", "ETHUSDT"),
    limits=LIMITS,
    parameters=(("delay_bars", "1"),),
    start_at=NOON,
    end_at=NOON + 10 * DAY,
    bundle_hash=default_bundle().hash,
    requester=AGENT.id,
    sponsor=AGENT.sponsor,
    authors=("human:wil",),
)


def plan_with(**changes: object) -> Plan:
    """Return the plan with other fields, those of its limits included."""
    limits = {name: value for name, value in changes.items() if name in Limits.__slots__}
    others = {name: value for name, value in changes.items() if name not in limits}
    return replace(PLAN, limits=replace(LIMITS, **limits), **others)  # type: ignore[arg-type]


def message_for(
    plan: Plan = PLAN,
    *,
    request_id: str = "apr_1",
    decision: Answer = Answer.APPROVE,
    reason: str = REASON,
    at: datetime = NOON + HOUR,
    decide_by: datetime = NOON + 3 * DAY,
    run_until: datetime = NOON + 10 * DAY,
    journal_head: str = GENESIS,
    **changes: str,
) -> Message:
    """Return the message that a human signs, with any field changed."""
    message = Message(
        request_id=request_id,
        plan_hash=plan_hash(plan),
        decision=decision,
        reason_hash=reason_hash(reason),
        decided_at=at,
        decide_by=decide_by,
        run_until=run_until,
        quorum_policy_hash=default_bundle().quorum(plan.stage.value).hash(),
        journal_head=journal_head,
    )
    return replace(message, **changes)  # type: ignore[arg-type]


def names(faults: Sequence[str]) -> str:
    """Join faults for an assertion that looks for words."""
    return "; ".join(faults)
