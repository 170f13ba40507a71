"""An approval is used once: consumed and deployed are one transaction of the gateway (A7)."""

from ..core.errors import ConflictError
from ..core.ids import derived_id
from ..policies.plan import plan_json
from .approval import Approval
from .faults import FaultPoints
from .lease import Lease
from .ledger import Ledger
from .stamp import Stamp


def deployment_id_of(approval: Approval) -> str:
    """Return the id of the one deployment that an approval can make."""
    return derived_id("dep", approval.request_id, approval.plan_hash)


def consume(
    ledger: Ledger, lease: Lease, approval: Approval, *, key: str, faults: FaultPoints
) -> Stamp:
    """Consume an approval, or find what the same key consumed before.

    Raises:
        ConflictError: when it was consumed under another key.
    """
    stamp = Stamp(approval.request_id, approval.plan_hash, deployment_id_of(approval))
    # On paper nobody signs: there the deployment itself is what is used up.
    used = approval.request_id or stamp.deployment_id
    faults("before_consume")
    with ledger.write(lease) as writing:
        known = writing.db.execute(
            "SELECT * FROM consumed WHERE request_id = ?", (used,)
        ).fetchone()
        if known is None:
            writing.db.execute(
                "INSERT INTO consumed VALUES (?, ?, ?, ?, ?)",
                (used, key, approval.plan_hash, stamp.deployment_id, writing.at),
            )
            writing.db.execute(
                "INSERT INTO deployments VALUES (?, ?, ?, 'started', '')",
                (stamp.deployment_id, lease.account, plan_json(approval.plan).decode()),
            )
            body = {"account": lease.account, "humans": list(approval.humans)}
            stamp.event(writing, "approval.consumed", body)
        elif (known["idempotency_key"], known["plan_hash"]) != (key, approval.plan_hash):
            raise ConflictError(
                f"the approval `{used}` is used up by `{known['deployment_id']}`",
                code="AF732",
                help="an approval starts one deployment: ask for a new one",
            )
    faults("after_consume")
    return stamp
