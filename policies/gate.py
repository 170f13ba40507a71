"""The one enforcement function: tools, command line, scheduler and gateway all pass here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..core.errors import AlphaForgeError, ApprovalNeededError, BrokenError, RefusedError
from ..core.ids import Ids
from ..core.journal import Journal
from .action import NEVER_HELD_BACK, READS
from .decision import Decision, Effect
from .judge import judge
from .model import Bundle
from .request import Request

T = TypeVar("T")

DECISION = "decision"
OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Gate:
    """What the enforcement function needs: the rules in force, the journal, the mint of ids."""

    bundle: Bundle
    journal: Journal
    ids: Ids


def enforce(
    request: Request,
    *,
    gate: Gate,
    work: Callable[[Decision], T],
    ask: Callable[[Decision], T] | None = None,
    request_id: str = "",
) -> T:
    """Decide, journal, and only then work; the outcome is journalled too, failure included.

    ``ask`` is done instead of ``work`` when humans must sign first: it files the request for them.

    Raises:
        RefusedError: when the policy denies.
        ApprovalNeededError: when humans must sign first and there is no ``ask``.
        BrokenError: when the journal cannot be written; then nothing was done, except for what
            only lowers risk (``NEVER_HELD_BACK``).
    """
    decision = judge(request, gate.bundle, decision_id=gate.ids.mint("dec"))
    record = _Record(gate, request, decision.id, request_id)
    record.add(DECISION, {"request": request.fields(), "decision": decision.fields()})
    if decision.effect is Effect.ALLOW:
        deed = work
    elif decision.effect is Effect.NEEDS_APPROVAL and ask is not None:
        deed = ask
    else:
        raise _refusal(decision)
    try:
        result = deed(decision)
    except BaseException as error:
        record.add(OUTCOME, {"action": request.action, "is_ok": False, **_failure(error)})
        raise
    record.add(OUTCOME, {"action": request.action, "is_ok": True})
    return result


@dataclass(frozen=True, slots=True)
class _Record:
    """The journal entries of one enforcement."""

    gate: Gate
    request: Request
    decision_id: str
    request_id: str

    def add(self, kind: str, body: Mapping[str, object]) -> None:
        """Journal one step; a failure to do so stops all but what only lowers risk."""
        who, journal = self.request.principal, self.gate.journal
        try:
            journal.append(
                kind,
                principal=who.id,
                tenant=who.tenant,
                request_id=self.request_id,
                decision_id=self.decision_id,
                body=body,
                is_durable=self.request.action not in READS,
            )
        except BrokenError:
            if self.request.action not in NEVER_HELD_BACK:
                raise
            journal.spool(kind, principal=who.id, decision_id=self.decision_id, body=body)


def _refusal(decision: Decision) -> RefusedError:
    needs_signatures = decision.effect is Effect.NEEDS_APPROVAL
    error = ApprovalNeededError if needs_signatures else RefusedError
    return error(
        decision.sentence,
        decision_id=decision.id,
        rule_ids=decision.rule_ids,
        help=f"the rules that decided: {', '.join(decision.rule_ids) or 'none permits this'}",
        next=decision.next or f"alphaforge policy explain {decision.id}",
    )


def _failure(error: BaseException) -> Mapping[str, object]:
    if isinstance(error, AlphaForgeError):
        return {"error": error.code, "message": error.message[:500]}
    # A foreign message may hold a secret; its type does not.
    return {"error": type(error).__name__, "message": ""}
