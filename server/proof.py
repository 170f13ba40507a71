"""Prove one order: from its intent back to the humans who signed the plan, with public keys only.

1. Both journals verify as chains.
2. The order's intent stands in the gateway's journal, before anything was sent.
3. Before it, the gateway used an approval for the same request and plan.
4. The server's journal holds the plan itself; its bytes have that hash.
5. The signatures verify with the keys enrolled at that time, over that hash, and make a quorum.
6. No human had revoked, rejected or stopped it when it was used or the order was sent.
7. The decision that let the request be made names its rules, under the plan's own bundle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.chain import Entry
from ..core.clock import from_text
from ..core.errors import AlphaForgeError, NotFoundError
from ..core.inert import inert
from ..core.journal_check import Verdict, read, verify
from ..core.nearest import nearest
from ..policies.approvals import Signed, Tally, quorum
from ..policies.gate import DECISION
from ..policies.keyring import Keyring, as_of
from ..policies.message import reason_hash
from ..policies.model import Bundle
from ..policies.plan import Plan, hash_of, plan_from_json
from ..policies.rules.live_needs_quorum import BELOW_VENUE
from .endings import SIGNED, first_endings
from .orphans import CONSUMED, CREATED, INTENT, REQUESTED, late_effects, signed_of

SHOWN_CHARS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One link of the proof: what it says, and whether it holds."""

    name: str
    is_ok: bool
    words: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Proof:
    """All the links of one order."""

    order_id: str
    steps: tuple[Step, ...]

    @property
    def is_ok(self) -> bool:
        """Tell whether every link holds."""
        return all(step.is_ok for step in self.steps)

    def fields(self) -> dict[str, object]:
        """Return the proof as JSON values."""
        rows = [
            {"name": step.name, "is_ok": step.is_ok, "words": step.words, "depth": step.depth}
            for step in self.steps
        ]
        return {"order_id": self.order_id, "is_proven": self.is_ok, "steps": rows}

    def tree(self) -> str:
        """Draw the proof as a tree."""
        lines = [f"order {self.order_id}: {'proven' if self.is_ok else 'NOT PROVEN'}"]
        for step in self.steps:
            mark = "ok" if step.is_ok else "FAILS"
            lines.append(f"{'   ' * step.depth}+- {mark:<5} {step.name}: {step.words}")
        return "\n".join(lines)


def prove(order_id: str, *, server: Path, gateway: Path, keyring: Keyring, bundle: Bundle) -> Proof:
    """Walk an order back to its signatures.

    Raises:
        NotFoundError: when the gateway's journal has no such order.
        TamperedError: when a journal cannot be read at all.
    """
    steps = [
        _chain("gateway's journal", verify(gateway)),
        _chain("server's journal", verify(server)),
    ]
    ours, theirs = list(read(gateway)), list(read(server))
    intent = _intent(order_id, ours)
    steps += _order_steps(intent, ours)
    consumed = next(
        (
            entry
            for entry in ours
            if entry.kind == CONSUMED
            and entry.seq < intent.seq
            and (entry.request_id, entry.plan_hash) == (intent.request_id, intent.plan_hash)
        ),
        None,
    )
    steps += [_consumed_step(consumed), _ending_step(intent, consumed, ours, theirs)]
    asked, plan, words = _plan(theirs, intent)
    steps.append(Step("plan", plan is not None, words))
    if asked is not None and plan is not None and consumed is not None:
        steps += _signature_steps(plan, intent, consumed, theirs, keyring, bundle)
        steps += _request_steps(plan, asked, theirs)
    return Proof(order_id, tuple(steps))


def _chain(name: str, verdict: Verdict) -> Step:
    words = f"{verdict.entries} entries, head {verdict.head[:16]}"
    return Step(name, verdict.is_ok, words if verdict.is_ok else "; ".join(verdict.faults[:3]))


def _intent(order_id: str, entries: Sequence[Entry]) -> Entry:
    known: set[str] = set()
    for entry in entries:
        if entry.kind == INTENT:
            name = str(entry.body.get("client_order_id", ""))
            if name == order_id:
                return entry
            known.add(name)
    meant = nearest(order_id, known)
    raise NotFoundError(
        f"no order `{order_id[:80]}` in the gateway's journal",
        help=f"did you mean `{meant}`?" if meant else "see `alphaforge audit tail --gateway`",
    )


def _order_steps(intent: Entry, entries: Sequence[Entry]) -> list[Step]:
    body = {name: value for name, value in intent.body.items() if not isinstance(value, dict)}
    shown = inert(" ".join(f"{name}={value}" for name, value in sorted(body.items())), SHOWN_CHARS)
    steps = [Step("intent", True, f"entry {intent.seq} at {intent.at}: {shown}")]
    order_id = intent.body.get("client_order_id")
    for entry in entries:
        if entry.seq != intent.seq and entry.body.get("client_order_id") == order_id:
            is_after = entry.seq > intent.seq
            words = f"entry {entry.seq} at {entry.at}" + ("" if is_after else ", BEFORE the intent")
            steps.append(Step(entry.kind, is_after, words, depth=1))
    return steps


def _consumed_step(consumed: Entry | None) -> Step:
    if consumed is None:
        return Step("approval used", False, "no approval of this plan was used before the order")
    deployment = consumed.body.get("deployment_id", "")
    words = f"entry {consumed.seq} at {consumed.at}, once, for {deployment}"
    return Step("approval used", True, words)


def _ending_step(
    intent: Entry, consumed: Entry | None, ours: Sequence[Entry], theirs: Sequence[Entry]
) -> Step:
    name = intent.request_id or str(intent.body.get("deployment_id", ""))
    end = first_endings(theirs).get(name)
    if end is None:
        return Step("not revoked", True, "the server's journal holds no ending of it")
    at, entry = end
    order_id = intent.body.get("client_order_id")
    own = [item for item in ours if item.body.get("client_order_id") == order_id]
    faults = list(late_effects([*([consumed] if consumed else []), *own], {name: at}))
    words = "; ".join(faults) or f"{entry.kind} at entry {entry.seq}, after the order"
    return Step("not revoked", not faults, words)


def _plan(entries: Sequence[Entry], intent: Entry) -> tuple[Entry | None, Plan | None, str]:
    asked = next(
        (
            entry
            for entry in entries
            if entry.kind in {REQUESTED, CREATED}
            and entry.plan_hash == intent.plan_hash
            and entry.request_id == intent.request_id
        ),
        None,
    )
    if asked is None:
        return None, None, "the server's journal holds no request for this plan"
    canonical = str(asked.body.get("plan", "")).encode()
    if hash_of(canonical) != intent.plan_hash:
        return asked, None, "the plan that was asked for has another hash than the order's"
    try:
        plan = plan_from_json(canonical)
    except AlphaForgeError as error:
        return asked, None, error.message
    words = (
        f"{intent.plan_hash[:16]}, strategy {plan.fingerprint}, {plan.stage} on "
        f"{plan.venue}/{plan.account}, capital {plan.capital}"
    )
    return asked, plan, words


def _signature_steps(  # noqa: PLR0913, PLR0917  # The facts of one count.
    plan: Plan,
    intent: Entry,
    consumed: Entry,
    entries: Sequence[Entry],
    keyring: Keyring,
    bundle: Bundle,
) -> list[Step]:
    if plan.stage in BELOW_VENUE:
        return [Step("signatures", True, f"stage {plan.stage} needs none")]
    votes = [
        (entry, signed)
        for entry in entries
        if entry.kind == SIGNED and entry.request_id == intent.request_id
        for signed in [signed_of(entry)]
        # What was signed after the use cannot have allowed it.
        if signed is not None and signed.message.decided_at <= from_text(consumed.at)
    ]
    ring = as_of(keyring, consumed.at)
    tally = quorum(
        [signed for _, signed in votes],
        keyring=ring,
        plan=plan,
        request_id=intent.request_id,
        policy=bundle.quorum(plan.stage.value),
        at=from_text(consumed.at),
        demo_venues=bundle.demo_venues,
    )
    words = tally.missing or f"{', '.join(tally.humans)} make the quorum of {plan.stage}"
    steps = [Step("signatures", tally.is_met, words)]
    return steps + [_vote_step(entry, signed, ring, tally, entries) for entry, signed in votes]


def _vote_step(
    entry: Entry, signed: Signed, ring: Keyring, tally: Tally, entries: Sequence[Entry]
) -> Step:
    key = ring.find(signed.key_id)
    human = key.human if key is not None else signed.key_id
    reason = str(entry.body.get("reason", ""))
    is_own_reason = reason_hash(reason) == signed.message.reason_hash
    head = signed.message.journal_head
    witnessed = next((item.seq for item in entries if item.hash == head), 0)
    is_witness = 0 < witnessed < entry.seq
    roles = ", ".join(key.roles) if key is not None else "not enrolled"
    words = (
        f"{signed.message.decision}s at entry {entry.seq}, witnessing entry {witnessed}; "
        f"reason: {inert(reason, SHOWN_CHARS)}"
    )
    is_ok = human in tally.humans and is_own_reason and is_witness
    return Step(f"{human} ({roles})", is_ok, words, depth=1)


def _request_steps(plan: Plan, asked: Entry, entries: Sequence[Entry]) -> list[Step]:
    steps = [
        Step(
            "request",
            True,
            f"entry {asked.seq} at {asked.at} by {inert(asked.principal, SHOWN_CHARS)}"
            + (f", sponsored by {inert(plan.sponsor, SHOWN_CHARS)}" if plan.sponsor else ""),
        )
    ]
    decision = next(
        (
            entry
            for entry in entries
            if entry.kind == DECISION and entry.decision_id == asked.decision_id != ""
        ),
        None,
    )
    if decision is not None:
        found = decision.body.get("decision")
        table = found if isinstance(found, dict) else {}
        is_same = table.get("bundle_hash") == plan.bundle_hash
        rules = ", ".join(str(rule) for rule in table.get("rule_ids", []))
        words = f"{decision.decision_id}: {table.get('effect')} by {rules}"
        steps.append(Step("rules", is_same, words, depth=1))
    for item in plan.evidence:
        words = f"{item.run_id}, result {item.result_hash[:16]}"
        steps.append(Step("evidence", True, words, depth=1))
    if plan.snapshots:
        steps.append(Step("data", True, ", ".join(plan.snapshots), depth=1))
    return steps
