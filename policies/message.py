"""What a human signs: one decision about one plan, and nothing that can be read otherwise."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from ..core.canonical import canonical_json, plain, tagged_hash
from ..core.clock import from_text
from ..core.errors import InvalidInputError

TAG = "alphaforge.approval.v1"
REASON_TAG = "alphaforge.approval.reason.v1"


class Answer(StrEnum):
    """The two answers there are; neither is preselected."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The signed statement; every field stands in the signed bytes (DESIGN decision 12)."""

    request_id: str
    plan_hash: str
    decision: Answer
    reason_hash: str
    decided_at: datetime
    decide_by: datetime
    run_until: datetime
    quorum_policy_hash: str
    journal_head: str
    tag: str = TAG

    def canonical(self) -> bytes:
        """Return the bytes an Ed25519 key signs."""
        return canonical_json(self)

    def challenge(self) -> bytes:
        """Return SHA-256 of those bytes: what a passkey signs."""
        return hashlib.sha256(self.canonical()).digest()


@dataclass(frozen=True, slots=True)
class Signed:
    """A message and the signature of one key over it; nothing is verified yet."""

    message: Message
    key_id: str
    signature: str  # hex

    def fields(self) -> dict[str, object]:
        """Return it as JSON values."""
        found: dict[str, object] = plain(self)
        return found


def reason_hash(reason: str) -> str:
    """Return what the message holds of the reason, so that the reason cannot be exchanged."""
    return tagged_hash(REASON_TAG, reason.encode())


def signed_from_fields(table: Mapping[str, object]) -> Signed:
    """Read a signed message from JSON values.

    Raises:
        InvalidInputError: when a field is missing, unknown or of another shape.
    """
    try:
        body = table["message"]
        names = {field.name for field in fields(Message)}
        if not isinstance(body, Mapping) or body.keys() != names:
            raise InvalidInputError(f"a signed message has the fields {', '.join(sorted(names))}")
        texts = {str(name): str(value) for name, value in body.items()}
        message = Message(
            request_id=texts["request_id"],
            plan_hash=texts["plan_hash"],
            decision=Answer(texts["decision"]),
            reason_hash=texts["reason_hash"],
            decided_at=from_text(texts["decided_at"]),
            decide_by=from_text(texts["decide_by"]),
            run_until=from_text(texts["run_until"]),
            quorum_policy_hash=texts["quorum_policy_hash"],
            journal_head=texts["journal_head"],
            tag=texts["tag"],
        )
        return Signed(message, str(table["key_id"]), str(table["signature"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(f"this is no signed message: {error}") from error
