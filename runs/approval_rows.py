"""Requests for approval as rows of the control store, and as values."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ..core.clock import from_text
from ..policies.approvals import Signed, State, signed_from_fields
from ..policies.plan import Plan, plan_from_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS approvals (
    request_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, lineage TEXT NOT NULL,
    requester TEXT NOT NULL, plan_hash TEXT NOT NULL, plan BLOB NOT NULL, text TEXT NOT NULL,
    note TEXT NOT NULL, stage TEXT NOT NULL, venue TEXT NOT NULL, account TEXT NOT NULL,
    family TEXT NOT NULL, capital TEXT NOT NULL, state TEXT NOT NULL, version INTEGER NOT NULL,
    reason TEXT NOT NULL, decision_id TEXT NOT NULL, created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL, decide_by TEXT NOT NULL, run_until TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS approvals_by_state ON approvals (tenant, state, created_at);
CREATE INDEX IF NOT EXISTS approvals_by_plan ON approvals (tenant, plan_hash);
CREATE INDEX IF NOT EXISTS approvals_by_lineage ON approvals (tenant, lineage, state);
CREATE TABLE IF NOT EXISTS approval_votes (
    request_id TEXT NOT NULL REFERENCES approvals (request_id), human TEXT NOT NULL,
    decision TEXT NOT NULL, reason TEXT NOT NULL, signed TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (request_id, human, decision)
);
CREATE INDEX IF NOT EXISTS approval_votes_by_human ON approval_votes (human, at)
"""


@dataclass(frozen=True, slots=True)
class Vote:
    """One human's signed answer, with the reason that its hash covers."""

    human: str
    reason: str
    signed: Signed


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """One request for approval; ``plan_bytes`` are what was hashed and what is shown."""

    request_id: str
    tenant: str
    lineage: str
    requester: str
    plan_hash: str
    plan_bytes: bytes
    text: str
    note: str
    stage: str
    venue: str
    account: str
    family: str
    state: State
    version: int
    reason: str
    decision_id: str
    created_at: datetime
    updated_at: datetime
    decide_by: datetime
    run_until: datetime
    votes: tuple[Vote, ...] = ()

    @property
    def plan(self) -> Plan:
        """Read the plan from its stored bytes."""
        return plan_from_json(self.plan_bytes)

    @property
    def signed(self) -> tuple[Signed, ...]:
        """Return the signed messages, for a count of the quorum."""
        return tuple(vote.signed for vote in self.votes)


def request_of(row: sqlite3.Row, votes: Sequence[sqlite3.Row] = ()) -> ApprovalRequest:
    """Read a request from its row and those of its votes."""
    return ApprovalRequest(
        request_id=row["request_id"],
        tenant=row["tenant"],
        lineage=row["lineage"],
        requester=row["requester"],
        plan_hash=row["plan_hash"],
        plan_bytes=bytes(row["plan"]),
        text=row["text"],
        note=row["note"],
        stage=row["stage"],
        venue=row["venue"],
        account=row["account"],
        family=row["family"],
        state=State(row["state"]),
        version=row["version"],
        reason=row["reason"],
        decision_id=row["decision_id"],
        created_at=from_text(row["created_at"]),
        updated_at=from_text(row["updated_at"]),
        decide_by=from_text(row["decide_by"]),
        run_until=from_text(row["run_until"]),
        votes=tuple(
            Vote(vote["human"], vote["reason"], signed_from_fields(json.loads(vote["signed"])))
            for vote in votes
        ),
    )
