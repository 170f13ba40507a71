"""The rows of the approval queue: every write is journalled first and compares before it sets."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from ..core.canonical import canonical_json, decimal_text
from ..core.clock import Clock, to_text
from ..core.errors import ConflictError, NotFoundError
from ..core.journal import Journal
from ..core.principals import Principal
from ..core.sqlite import connect, transaction
from ..policies.approvals import State, move
from .approval_rows import SCHEMA, ApprovalRequest, Vote, request_of

SYSTEM = "system"
DUE = (
    "((state IN ('draft', 'pending') AND decide_by <= ?) "
    "OR (state IN ('approved', 'consumed') AND run_until <= ?))"
)


class ApprovalStore:
    """One connection to the approvals of a control store."""

    def __init__(self, control_db: Path, journal: Journal, clock: Clock) -> None:
        """Open the tables, and create them when there are none."""
        self._connection = connect(control_db, SCHEMA, durable=True)
        self._lock = threading.RLock()
        self._journal = journal
        self._clock = clock

    @contextmanager
    def writing(self) -> Iterator[datetime]:
        """Hold the write lock, expire what is due, and give the instant of this write."""
        with self._lock, transaction(self._connection):
            now = self._clock.now()
            for row in self._select(DUE, (to_text(now), to_text(now))):
                self.move(
                    request_of(row), State.EXPIRED, by=SYSTEM, reason="its time ended", at=now
                )
            yield now

    def expire_due(self) -> None:
        """Move what is at or after its instant to expired."""
        now = to_text(self._clock.now())
        if self.rows(f"{DUE} LIMIT 1", (now, now)):
            with self.writing():
                pass

    def rows(self, where: str, values: tuple[object, ...]) -> list[sqlite3.Row]:
        """Return the rows of requests that a condition of ours selects."""
        with self._lock:
            return self._select(where, values)

    def one(self, request_id: str, tenant: str) -> ApprovalRequest:
        """Return one request with its votes.

        Raises:
            NotFoundError: when this tenant has no such request.
        """
        with self._lock:
            rows = self._select("request_id = ? AND tenant = ?", (request_id, tenant))
            votes = self._connection.execute(
                "SELECT * FROM approval_votes WHERE request_id = ? ORDER BY at, human",
                (request_id,),
            ).fetchall()
        if not rows:
            raise NotFoundError(
                f"no request `{request_id[:80]}`", help="see `alphaforge approvals list`"
            )
        return request_of(rows[0], votes)

    def add(self, request: ApprovalRequest, principal: Principal) -> None:
        """Journal a new request, its whole plan included, and keep it; inside ``writing``."""
        self._journal.append(
            "approval.requested",
            principal=principal.id,
            tenant=request.tenant,
            request_id=request.request_id,
            decision_id=request.decision_id,
            plan_hash=request.plan_hash,
            body={
                # As text: these very bytes were hashed.
                "plan": request.plan_bytes.decode(),
                "note": request.note,
                "decide_by": request.decide_by,
                "run_until": request.run_until,
            },
        )
        row = (
            request.request_id,
            request.tenant,
            request.lineage,
            request.requester,
            request.plan_hash,
            request.plan_bytes,
            request.text,
            request.note,
            request.stage,
            request.venue,
            request.account,
            request.family,
            decimal_text(request.plan.capital),
            request.state.value,
            request.version,
            request.reason,
            request.decision_id,
            to_text(request.created_at),
            to_text(request.updated_at),
            to_text(request.decide_by),
            to_text(request.run_until),
        )
        marks = ",".join("?" * len(row))
        self._connection.execute(f"INSERT INTO approvals VALUES ({marks})", row)

    def add_vote(self, request: ApprovalRequest, vote: Vote, at: datetime) -> None:
        """Journal a signed answer whole, and keep it; inside ``writing``."""
        self._journal.append(
            "approval.signed",
            principal=f"human:{vote.human}",
            tenant=request.tenant,
            request_id=request.request_id,
            plan_hash=request.plan_hash,
            body={"human": vote.human, "reason": vote.reason, "signed": vote.signed.fields()},
        )
        self._connection.execute(
            "INSERT INTO approval_votes VALUES (?, ?, ?, ?, ?, ?)",
            (
                request.request_id,
                vote.human,
                vote.signed.message.decision.value,
                vote.reason,
                canonical_json(vote.signed.fields()).decode(),
                to_text(at),
            ),
        )

    def approvals_since(self, human: str, since: datetime) -> int:
        """Count the approvals that a human has given since an instant."""
        with self._lock:
            row = self._connection.execute(
                "SELECT count(*) FROM approval_votes "
                "WHERE human = ? AND at > ? AND decision = 'approve'",
                (human, to_text(since)),
            ).fetchone()
        return int(row[0])

    def move(
        self, request: ApprovalRequest, to: State, *, by: str, reason: str, at: datetime
    ) -> None:
        """Journal a step of the table and take it; inside ``writing``.

        Raises:
            ImpossibleMoveError: when the table has no such step.
            ConflictError: when the row is no longer as it was read.
        """
        move(request.state, to)
        self._journal.append(
            f"approval.{to}",
            principal=by,
            tenant=request.tenant,
            request_id=request.request_id,
            plan_hash=request.plan_hash,
            body={"from": request.state, "reason": reason},
        )
        changed = self._connection.execute(
            "UPDATE approvals SET state = ?, version = version + 1, reason = ?, updated_at = ? "
            "WHERE request_id = ? AND state = ? AND version = ?",
            (
                to.value,
                reason,
                to_text(at),
                request.request_id,
                request.state.value,
                request.version,
            ),
        )
        if changed.rowcount != 1:
            raise ConflictError(
                f"`{request.request_id}` has changed meanwhile", help="read it again, then decide"
            )

    def close(self) -> None:
        """Close the store."""
        with self._lock:
            self._connection.close()

    def _select(self, where: str, values: tuple[object, ...]) -> list[sqlite3.Row]:
        return self._connection.execute(f"SELECT * FROM approvals WHERE {where}", values).fetchall()
