"""Deployments: which plan is asked for, approved, running or stopped; journalled before effect.

These rows are what people and agents look at. What a gateway may do stands in signatures and in the
gateway's own journal.
"""

import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from ..core.clock import Clock, from_text, to_text
from ..core.errors import ConflictError, ImpossibleMoveError, NotFoundError
from ..core.ids import derived_id
from ..core.journal import Journal
from ..core.principals import DEFAULT_TENANT, Principal
from ..core.sqlite import connect, transaction
from ..policies.plan import Plan, hash_of, plan_from_json, plan_json

__all__ = ["MOVES", "Deployment", "Deployments", "State"]

PAGE_MAX = 1000

SCHEMA = """
CREATE TABLE IF NOT EXISTS deployments (
    deployment_id TEXT PRIMARY KEY, tenant TEXT NOT NULL, request_id TEXT NOT NULL,
    requester TEXT NOT NULL, lineage TEXT NOT NULL, plan_hash TEXT NOT NULL, plan BLOB NOT NULL,
    text TEXT NOT NULL, stage TEXT NOT NULL, venue TEXT NOT NULL, account TEXT NOT NULL,
    state TEXT NOT NULL, version INTEGER NOT NULL, reason TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS deployments_by_state ON deployments (tenant, state, created_at);
CREATE INDEX IF NOT EXISTS deployments_by_request ON deployments (tenant, request_id)
"""


class State(StrEnum):
    """Where a deployment stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    STARTING = "starting"
    RUNNING = "running"
    HALTED = "halted"
    STOPPING = "stopping"
    STOPPED = "stopped"


MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.REQUESTED: frozenset({State.APPROVED, State.STOPPED}),
        State.APPROVED: frozenset({State.STARTING, State.STOPPED}),
        State.STARTING: frozenset({State.RUNNING, State.HALTED, State.STOPPING, State.STOPPED}),
        # A gateway that died and came back reconciles first: starting again.
        State.RUNNING: frozenset({State.STARTING, State.HALTED, State.STOPPING, State.STOPPED}),
        State.HALTED: frozenset({State.STARTING, State.RUNNING, State.STOPPING, State.STOPPED}),
        State.STOPPING: frozenset({State.HALTED, State.STOPPED}),
        State.STOPPED: frozenset(),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment; ``request_id`` is that of its approval, empty on paper."""

    deployment_id: str
    tenant: str
    request_id: str
    requester: str
    lineage: str
    plan_hash: str
    plan_bytes: bytes
    text: str
    stage: str
    venue: str
    account: str
    state: State
    version: int
    reason: str
    created_at: datetime
    updated_at: datetime

    @property
    def plan(self) -> Plan:
        """Read the plan from its stored bytes."""
        return plan_from_json(self.plan_bytes)


class Deployments:
    """Create, find and move deployments of one home."""

    def __init__(self, control_db: Path, journal: Journal, clock: Clock) -> None:
        """Open the table, and create it when there is none."""
        self._connection = connect(control_db, SCHEMA, durable=True)
        self._lock = threading.RLock()
        self._journal = journal
        self._clock = clock

    def create(
        self, plan: Plan, *, principal: Principal, text: str, request_id: str = ""
    ) -> Deployment:
        """Keep a deployment of a plan; the same plan and request give the same one.

        With a ``request_id`` it waits for that approval; without, the policy allowed it at once.
        """
        body = plan_json(plan)
        digest = hash_of(body)
        name = derived_id("dep", request_id, digest)
        state = State.REQUESTED if request_id else State.APPROVED
        with self._writing() as now:
            known = self._row("deployment_id = ?", (name,))
            if known is not None:
                return _deployment_of(known)
            self._journal.append(
                "deployment.created",
                principal=principal.id,
                tenant=principal.tenant,
                request_id=request_id,
                plan_hash=digest,
                body={
                    "deployment_id": name,
                    "stage": plan.stage,
                    "state": state,
                    "plan": body.decode(),
                },
            )
            row = (
                name,
                principal.tenant,
                request_id,
                principal.id,
                principal.lineage,
                digest,
                body,
                text,
                plan.stage.value,
                plan.venue,
                plan.account,
                state.value,
                1,
                "",
                to_text(now),
                to_text(now),
            )
            marks = ",".join("?" * len(row))
            self._connection.execute(f"INSERT INTO deployments VALUES ({marks})", row)
            return self._one(name, principal.tenant)

    def get(self, deployment_id: str, tenant: str = DEFAULT_TENANT) -> Deployment:
        """Return one deployment.

        Raises:
            NotFoundError: when this tenant has no such deployment.
        """
        with self._lock:
            return self._one(deployment_id, tenant)

    def of_request(self, request_id: str, tenant: str = DEFAULT_TENANT) -> Deployment | None:
        """Return the deployment that waits for, or runs under, an approval."""
        with self._lock:
            row = self._row("request_id = ? AND tenant = ?", (request_id, tenant))
        return None if row is None else _deployment_of(row)

    def deployments(
        self, tenant: str = DEFAULT_TENANT, *, states: Sequence[State] = (), limit: int = 50
    ) -> list[Deployment]:
        """List deployments, the newest first."""
        marks = ",".join("?" * len(states))
        where = f"tenant = ? AND state IN ({marks})" if states else "tenant = ?"
        values = (tenant, *(state.value for state in states), min(limit, PAGE_MAX))
        with self._lock:
            rows = self._connection.execute(
                f"SELECT * FROM deployments WHERE {where} "
                "ORDER BY created_at DESC, deployment_id LIMIT ?",
                values,
            ).fetchall()
        return [_deployment_of(row) for row in rows]

    def move(
        self,
        deployment_id: str,
        to: State,
        *,
        by: str,
        reason: str = "",
        tenant: str = DEFAULT_TENANT,
    ) -> Deployment:
        """Take a step of the table; being there already is no step and no fault.

        Raises:
            ImpossibleMoveError: when the table has no such step.
        """
        with self._writing() as now:
            deployment = self._one(deployment_id, tenant)
            if deployment.state is to:
                return deployment
            if to not in MOVES[deployment.state]:
                raise ImpossibleMoveError(deployment.state, to)
            self._journal.append(
                "deployment.moved",
                principal=by,
                tenant=tenant,
                request_id=deployment.request_id,
                plan_hash=deployment.plan_hash,
                body={
                    "deployment_id": deployment_id,
                    "from": deployment.state,
                    "to": to,
                    "reason": reason,
                },
            )
            self._set(deployment, to, reason, now)
            return self._one(deployment_id, tenant)

    def close(self) -> None:
        """Close the store."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _writing(self) -> Iterator[datetime]:
        with self._lock, transaction(self._connection):
            yield self._clock.now()

    def _set(self, deployment: Deployment, to: State, reason: str, now: datetime) -> None:
        changed = self._connection.execute(
            "UPDATE deployments SET state = ?, version = version + 1, reason = ?, updated_at = ? "
            "WHERE deployment_id = ? AND state = ? AND version = ?",
            (
                to.value,
                reason,
                to_text(now),
                deployment.deployment_id,
                deployment.state.value,
                deployment.version,
            ),
        )
        if changed.rowcount != 1:
            raise ConflictError(f"`{deployment.deployment_id}` has changed meanwhile")

    def _row(self, where: str, values: tuple[object, ...]) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(
            f"SELECT * FROM deployments WHERE {where}", values
        ).fetchone()
        return found

    def _one(self, deployment_id: str, tenant: str) -> Deployment:
        row = self._row("deployment_id = ? AND tenant = ?", (deployment_id, tenant))
        if row is None:
            raise NotFoundError(
                f"no deployment `{deployment_id[:80]}`", help="see `alphaforge deployments list`"
            )
        return _deployment_of(row)


def _deployment_of(row: sqlite3.Row) -> Deployment:
    return Deployment(
        deployment_id=row["deployment_id"],
        tenant=row["tenant"],
        request_id=row["request_id"],
        requester=row["requester"],
        lineage=row["lineage"],
        plan_hash=row["plan_hash"],
        plan_bytes=bytes(row["plan"]),
        text=row["text"],
        stage=row["stage"],
        venue=row["venue"],
        account=row["account"],
        state=State(row["state"]),
        version=row["version"],
        reason=row["reason"],
        created_at=from_text(row["created_at"]),
        updated_at=from_text(row["updated_at"]),
    )
