"""A verified approval: signatures of enrolled humans over the plan that is about to run.

Signatures are verified once, at load. What is kept is looked at for every order: its time, and
whether a human has revoked it since.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ..core.errors import AlphaForgeError
from ..core.principals import Stage
from ..policies.approvals import Signed, Tally, quorum
from ..policies.keyring import Keyring
from ..policies.limits import Limits
from ..policies.model import Bundle
from ..policies.plan import PackRef, Plan, plan_diff, plan_from_json, plan_hash

# Below a venue nobody signs; the gateway keeps such plans on simulated venues.
UNSIGNED = frozenset({Stage.RESEARCH, Stage.PAPER})


class NotApprovedError(AlphaForgeError):
    """What is about to run is not what humans signed, or they did not, or no longer."""

    code = "AF730"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is about to run, as this process holds it: nothing here is copied from the plan."""

    fingerprint: str
    family: str
    source_hash: str
    ir_hash: str
    compiler_version: str
    operators_version: str
    packs: tuple[PackRef, ...]
    snapshots: tuple[str, ...]
    venue: str
    account: str
    instruments: tuple[str, ...]
    limits: Limits
    bundle_hash: str

    def plan(self, approved: Plan) -> Plan:
        """Rebuild the plan: what runs from here, only names and times from the approved one."""
        return replace(
            approved,
            fingerprint=self.fingerprint,
            family=self.family,
            source_hash=self.source_hash,
            ir_hash=self.ir_hash,
            compiler_version=self.compiler_version,
            operators_version=self.operators_version,
            packs=self.packs,
            snapshots=self.snapshots,
            venue=self.venue,
            account=self.account,
            instruments=self.instruments,
            limits=self.limits,
            bundle_hash=self.bundle_hash,
        )


@dataclass(frozen=True, slots=True)
class SignedPlan:
    """What the server's store says was approved: bytes and signatures, none believed yet."""

    request_id: str
    plan_json: bytes
    plan_hash: str
    signed: tuple[Signed, ...]

    def plan(self) -> Plan:
        """Read the plan, and refuse bytes whose hash is another."""
        plan = plan_from_json(self.plan_json)
        if plan_hash(plan) != self.plan_hash:
            raise NotApprovedError(
                f"the plan of `{self.request_id}` has another hash than the store says",
                help="ask for the plan anew",
            )
        return plan


@dataclass(frozen=True, slots=True)
class Approval:
    """An approval that verified, and how to see that it still holds."""

    request_id: str
    plan: Plan
    plan_hash: str
    humans: tuple[str, ...]
    has_demo_keys: bool
    run_until: datetime
    is_revoked: Callable[[], bool]

    @property
    def needs_signatures(self) -> bool:
        """Tell whether the stage is one that humans sign for."""
        return self.plan.stage not in UNSIGNED

    def fault(self, at: datetime) -> str:
        """Say why no order may leave now, or nothing when one may; at the very end it is over."""
        if not self.plan.start_at <= at < self.run_until:
            return "approval_expired"
        try:
            return "approval_revoked" if self.is_revoked() else ""
        except (OSError, AlphaForgeError):
            # A store that cannot be read may hold a revocation.
            return "revocation_unreadable"


def tally_of(
    request: SignedPlan, plan: Plan, *, keyring: Keyring, bundle: Bundle, at: datetime
) -> Tally:
    """Count the signatures over a plan, as the bundle's quorum of its stage asks."""
    return quorum(
        request.signed,
        keyring=keyring,
        plan=plan,
        request_id=request.request_id,
        policy=bundle.quorum(plan.stage.value),
        at=at,
        demo_venues=bundle.demo_venues,
    )


def verified(  # noqa: PLR0913  # The facts of one verification.
    request: SignedPlan,
    loaded: Loaded,
    *,
    keyring: Keyring,
    bundle: Bundle,
    at: datetime,
    is_revoked: Callable[[], bool],
) -> Approval:
    """Verify that humans approved exactly what is about to run.

    Raises:
        NotApprovedError: naming the first field that differs, or what the signatures lack.
    """
    approved = request.plan()
    rebuilt = loaded.plan(approved)
    if plan_hash(rebuilt) != request.plan_hash:
        changes = plan_diff(approved, rebuilt)
        names = ", ".join(f"`{change.name}`" for change in changes)
        raise NotApprovedError(
            f"what is about to run differs from the approved plan in {names}",
            code="AF731",
            help="a changed plan is a new request: deploy again and have it signed",
        )
    run_until, tally = rebuilt.end_at, None
    if rebuilt.stage not in UNSIGNED:
        tally = tally_of(request, rebuilt, keyring=keyring, bundle=bundle, at=at)
        if not tally.is_met:
            raise NotApprovedError(
                f"the plan is not approved: {tally.missing}",
                help="; ".join(tally.faults) or "alphaforge approvals approve REQUEST",
            )
        run_until = min(rebuilt.end_at, tally.run_until or rebuilt.end_at)
    approval = Approval(
        request_id=request.request_id,
        plan=rebuilt,
        plan_hash=plan_hash(rebuilt),
        humans=() if tally is None else tally.humans,
        has_demo_keys=tally is not None and tally.has_demo_keys,
        run_until=run_until,
        is_revoked=is_revoked,
    )
    if fault := approval.fault(at):
        raise NotApprovedError(
            f"the approval does not hold: `{fault}`", help="deploy again and have it signed"
        )
    return approval
