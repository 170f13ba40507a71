"""A queue of approvals with its clock and journal, and humans who sign at it."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from alphaforge.core.clock import SteppedClock
from alphaforge.core.ids import CountedIds
from alphaforge.core.journal import Journal
from alphaforge.core.principals import Kind, Principal
from alphaforge.policies.approvals import Answer, Signed
from alphaforge.policies.keyring import Keyring
from alphaforge.policies.plan import Plan
from alphaforge.runs.approvals import ApprovalRequest, Approvals
from alphaforge.tests.humans import (
    AGENT,
    APE,
    NOON,
    PAM,
    PLAN,
    REASON,
    RIK,
    Human,
    message_for,
    ring,
)

RING = ring(PAM, RIK, APE)
OTHER = Principal("agent:bob", Kind.AGENT, frozenset({"agent"}), sponsor="human:oli")


@dataclass
class Desk:
    """A queue with its clock and journal, and humans who sign at it."""

    path: Path
    clock: SteppedClock
    journal: Journal
    queue: Approvals

    def submit(self, plan: Plan = PLAN, principal: Principal = AGENT) -> ApprovalRequest:
        return self.queue.submit(plan, principal=principal, text="rank(close)", note="please")

    def signed(
        self,
        human: Human,
        request: ApprovalRequest,
        *,
        decision: Answer = Answer.APPROVE,
        reason: str = REASON,
        **changes: object,
    ) -> Signed:
        message = message_for(
            request.plan,
            request_id=request.request_id,
            decision=decision,
            reason=reason,
            at=self.clock.now(),
            decide_by=request.decide_by,
            run_until=request.run_until,
            journal_head=self.queue.journal_head(),
        )
        return human.sign(replace(message, **changes))  # type: ignore[arg-type]

    def sign(
        self,
        human: Human,
        request: ApprovalRequest,
        *,
        decision: Answer = Answer.APPROVE,
        keyring: Keyring = RING,
        **changes: Any,
    ) -> ApprovalRequest:
        signed = self.signed(human, request, decision=decision, **changes)
        return self.queue.attach(request.request_id, signed, reason=REASON, keyring=keyring)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.journal.entries()]


def open_desk(folder: Path) -> Desk:
    """Open an empty queue at noon."""
    clock = SteppedClock(NOON)
    journal = Journal(folder / "audit" / "j.db", clock)
    queue = Approvals(folder / "control.db", journal, clock, CountedIds("queue"))
    return Desk(folder, clock, journal, queue)
