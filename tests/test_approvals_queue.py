"""The queue of approvals: filed once, signed by humans, ended for good, journalled first."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import (
    BrokenError,
    ConflictError,
    ImpossibleMoveError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    RefusedError,
)
from alphaforge.core.ids import CountedIds
from alphaforge.core.journal import Journal, verify
from alphaforge.core.principals import Kind, Principal
from alphaforge.policies.approvals import Answer, Signed, State, reason_hash
from alphaforge.policies.keyring import Keyring
from alphaforge.policies.plan import Plan, plan_hash, plan_json
from alphaforge.runs.approvals import ApprovalRequest, Approvals
from alphaforge.tests.humans import (
    AGENT,
    APE,
    DAY,
    HOUR,
    NOON,
    PAM,
    PLAN,
    REASON,
    RIK,
    SAM,
    Human,
    message_for,
    plan_with,
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
        **changes: object,
    ) -> ApprovalRequest:
        signed = self.signed(human, request, decision=decision, **changes)
        return self.queue.attach(request.request_id, signed, reason=REASON, keyring=keyring)

    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.journal.entries()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    clock = SteppedClock(NOON)
    journal = Journal(tmp_path / "audit" / "j.db", clock)
    queue = Approvals(tmp_path / "control.db", journal, clock, CountedIds("queue"))
    yield Desk(tmp_path, clock, journal, queue)
    assert verify(journal.path).is_ok
    queue.close()


def test_the_way_from_a_request_to_an_approval(desk: Desk) -> None:
    request = desk.submit()
    assert (request.state, request.plan) == (State.PENDING, PLAN)
    first = desk.sign(PAM, request)
    assert (first.state, len(first.votes)) == (State.PENDING, 1)
    second = desk.sign(RIK, request)
    assert second.state is State.APPROVED
    assert desk.queue.tally(second, RING).humans == ("pam", "rik")
    assert desk.kinds() == [
        "approval.requested",
        "approval.signed",
        "approval.signed",
        "approval.approved",
    ]


def test_L2_the_journal_holds_plan_and_signature_whole(desk: Desk) -> None:
    request = desk.submit()
    desk.sign(PAM, request)
    requested, signed = desk.journal.entries()
    assert str(requested.body["plan"]).encode() == plan_json(PLAN)
    assert requested.plan_hash == signed.plan_hash == plan_hash(PLAN)
    assert requested.request_id == signed.request_id == request.request_id
    assert signed.body["signed"] == desk.queue.get(request.request_id).signed[0].fields()
    assert (signed.body["human"], signed.body["reason"]) == ("pam", REASON)


def test_L2_without_a_journal_there_is_no_effect(desk: Desk) -> None:
    request = desk.submit()
    desk.journal.close()
    with pytest.raises((BrokenError, sqlite3.Error)):
        desk.submit(plan_with(account="second"))
    with pytest.raises((BrokenError, sqlite3.Error)):
        desk.queue.revoke(request.request_id, SAM, "stop")
    found = desk.queue.requests()
    assert [(item.request_id, item.state) for item in found] == [
        (request.request_id, State.PENDING)
    ]


def test_A17_a_row_that_says_approved_is_no_approval(desk: Desk) -> None:
    request = desk.submit()
    with sqlite3.connect(desk.path / "control.db") as forger:
        forger.execute("UPDATE approvals SET state = 'approved'")
    forger.close()
    found = desk.queue.get(request.request_id)
    assert found.state is State.APPROVED
    assert not desk.queue.tally(found, RING).is_met


def test_A12_the_same_plan_is_one_request(desk: Desk) -> None:
    first = desk.submit()
    assert desk.submit() == first
    desk.sign(PAM, first)
    desk.sign(RIK, first)
    assert desk.submit().state is State.APPROVED
    assert desk.kinds().count("approval.requested") == 1


def test_A12_only_so_many_requests_of_a_lineage_wait(desk: Desk) -> None:
    for account in ("a", "b", "c"):
        desk.submit(plan_with(account=account))
    assert desk.queue.facts(PLAN, AGENT)["pending"] == 3
    with pytest.raises(LimitError, match="3 requests"):
        desk.submit(plan_with(account="d"))
    # Another agent of the same human is the same lineage; another human's is not.
    twin = Principal("agent:ida", Kind.AGENT, sponsor=AGENT.sponsor)
    with pytest.raises(LimitError):
        desk.submit(plan_with(account="d", requester=twin.id), twin)
    other = plan_with(account="d", requester=OTHER.id, sponsor=OTHER.sponsor)
    assert desk.submit(other, OTHER).state is State.PENDING


def test_P9_the_capital_of_a_lineage_is_summed_over_its_requests(desk: Desk) -> None:
    desk.submit(plan_with(account="a", capital=Decimal(7000), max_leverage=Decimal(4)))
    desk.submit(plan_with(account="b", capital=Decimal(5000), max_leverage=Decimal(4)))
    facts = desk.queue.facts(PLAN, AGENT)
    assert (facts["capital"], facts["lineage_capital"]) == (Decimal(10000), Decimal(12000))
    assert desk.queue.facts(PLAN, OTHER)["lineage_capital"] == Decimal(0)
    # What the plan takes the place of does not count beside it.
    assert desk.queue.facts(plan_with(account="a"), AGENT)["lineage_capital"] == Decimal(5000)


def test_A10_a_changed_plan_takes_the_place_of_the_one_before(desk: Desk) -> None:
    first = desk.submit()
    desk.sign(PAM, first)
    desk.sign(RIK, first)
    second = desk.submit(plan_with(capital=Decimal(9000)))
    assert desk.queue.get(first.request_id).state is State.SUPERSEDED
    assert (second.state, second.votes) == (State.PENDING, ())
    with pytest.raises(ImpossibleMoveError):
        desk.sign(PAM, desk.queue.get(first.request_id))


def test_A10_another_lineage_cannot_push_a_request_out(desk: Desk) -> None:
    first = desk.submit()
    desk.submit(plan_with(requester=OTHER.id, sponsor=OTHER.sponsor), OTHER)
    assert desk.queue.get(first.request_id).state is State.PENDING


def test_A10_the_last_approved_plan_of_a_family_is_found(desk: Desk) -> None:
    first = desk.submit()
    assert desk.queue.last_approved(PLAN) is None
    desk.sign(PAM, first)
    desk.sign(RIK, first)
    changed = plan_with(capital=Decimal(9000))
    found = desk.queue.last_approved(changed)
    assert found is not None
    assert found.request_id == first.request_id
    assert desk.queue.last_approved(plan_with(account="other")) is None


def test_A12_a_rejected_plan_cools_down(desk: Desk) -> None:
    request = desk.submit()
    assert desk.sign(RIK, request, decision=Answer.REJECT).state is State.REJECTED
    assert desk.queue.facts(PLAN, AGENT)["is_cooling_down"] is True
    with pytest.raises(ConflictError, match="rejected"):
        desk.submit()
    desk.clock.advance(timedelta(hours=24, minutes=1))
    assert desk.queue.facts(PLAN, AGENT)["is_cooling_down"] is False
    assert desk.submit().request_id != request.request_id


def test_A5_a_request_expires_at_its_instant(desk: Desk) -> None:
    request = desk.submit()
    desk.sign(PAM, request)
    desk.clock.start = request.decide_by - timedelta(milliseconds=desk.clock.asked + 1)
    assert desk.queue.get(request.request_id).state is State.PENDING
    desk.clock.start = request.decide_by - timedelta(milliseconds=desk.clock.asked)
    assert desk.queue.get(request.request_id).state is State.EXPIRED
    assert desk.kinds()[-1] == "approval.expired"
    with pytest.raises(ImpossibleMoveError):
        desk.sign(RIK, request)


def test_A5_an_approval_expires_when_it_may_run_no_longer(desk: Desk) -> None:
    request = desk.submit()
    desk.sign(PAM, request)
    desk.sign(RIK, request)
    assert request.run_until == PLAN.end_at
    desk.clock.advance(9 * DAY)
    assert desk.queue.get(request.request_id).state is State.APPROVED
    desk.clock.advance(DAY)
    assert desk.queue.requests(states=[State.APPROVED]) == []
    assert desk.queue.get(request.request_id).state is State.EXPIRED
    with pytest.raises(InvalidInputError, match="has ended"):
        desk.submit()


def test_A8_a_running_approval_can_be_revoked_once(desk: Desk) -> None:
    request = desk.submit()
    desk.sign(PAM, request)
    desk.sign(RIK, request)
    assert desk.queue.consume(request.request_id, AGENT, "dep_1").state is State.CONSUMED
    assert desk.queue.revoke(request.request_id, SAM, "odd fills").state is State.REVOKED
    assert desk.journal.entries()[-1].body == {"from": "consumed", "reason": "odd fills"}
    with pytest.raises(ImpossibleMoveError):
        desk.queue.revoke(request.request_id, SAM, "again")


def test_A7_an_approval_is_consumed_once(desk: Desk) -> None:
    request = desk.submit()
    with pytest.raises(ImpossibleMoveError):
        desk.queue.consume(request.request_id, AGENT, "dep_1")
    desk.sign(PAM, request)
    desk.sign(RIK, request)
    desk.queue.consume(request.request_id, AGENT, "dep_1")
    with pytest.raises(ImpossibleMoveError):
        desk.queue.consume(request.request_id, AGENT, "dep_2")


def test_only_its_own_lineage_withdraws_a_request(desk: Desk) -> None:
    request = desk.submit()
    with pytest.raises(RefusedError, match="your name"):
        desk.queue.withdraw(request.request_id, OTHER, "mine now")
    assert desk.queue.withdraw(request.request_id, SAM, "no need").state is State.WITHDRAWN


def test_A14_a_decision_needs_a_reason_and_the_one_that_was_signed(desk: Desk) -> None:
    request = desk.submit()
    signed = desk.signed(PAM, request)
    for reason in ("", "  ", "another reason", "x" * 5000):
        with pytest.raises(InvalidInputError, match="reason"):
            desk.queue.attach(request.request_id, signed, reason=reason, keyring=RING)
    with pytest.raises(InvalidInputError, match="reason"):
        desk.queue.revoke(request.request_id, SAM, " ")
    assert desk.queue.get(request.request_id).votes == ()


def test_a_second_signature_of_a_human_changes_nothing(desk: Desk) -> None:
    request = desk.submit()
    once = desk.sign(PAM, request)
    assert desk.sign(PAM, request) == once
    assert desk.kinds().count("approval.signed") == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"plan_hash": "00" * 32},
        {"request_id": "apr_x"},
        {"quorum_policy_hash": "00" * 32},
        {"decided_at": NOON - DAY},
        {"decided_at": NOON + DAY},
        {"decide_by": NOON + 99 * DAY},
        {"run_until": NOON + 2 * DAY},
        {"tag": "alphaforge.key.enroll.v1"},
    ],
    ids=str,
)
def test_A3_a_signature_over_anything_else_is_refused_and_not_kept(
    desk: Desk, changes: dict[str, object]
) -> None:
    request = desk.submit()
    with pytest.raises((RefusedError, InvalidInputError)):
        desk.sign(PAM, request, **changes)
    assert desk.queue.get(request.request_id).votes == ()
    assert desk.sign(PAM, request).votes, "the honest signature is taken"


def test_A6_the_sponsor_cannot_vote_on_what_was_asked_in_that_name(desk: Desk) -> None:
    sam = Human("sam", ("risk",))
    keyring = ring(PAM, RIK, sam)
    request = desk.submit()
    with pytest.raises(RefusedError, match="has asked for this plan"):
        desk.sign(sam, request, keyring=keyring)
    assert desk.sign(RIK, request, keyring=keyring).votes


def test_A17_nobody_signs_with_an_empty_keyring(desk: Desk) -> None:
    request = desk.submit()
    with pytest.raises(RefusedError, match="no enrolled key"):
        desk.sign(PAM, request, keyring=Keyring())


def test_A12_nobody_approves_faster_than_reading_allows(desk: Desk) -> None:
    for number in range(6):
        plan = plan_with(account=f"a{number}", family=f"sig_{number}")
        request = desk.submit(plan)
        desk.sign(PAM, request)
        desk.sign(RIK, request)
    request = desk.submit(plan_with(account="last"))
    with pytest.raises(LimitError, match="within the hour"):
        desk.sign(PAM, request)
    desk.clock.advance(HOUR + timedelta(minutes=1))
    assert desk.sign(PAM, request).votes


def test_A12_a_rejection_has_no_rate(desk: Desk) -> None:
    for number in range(8):
        request = desk.submit(plan_with(account=f"a{number}", family=f"sig_{number}"))
        assert desk.sign(RIK, request, decision=Answer.REJECT).state is State.REJECTED


def test_I6_another_tenants_request_is_as_one_that_is_not(desk: Desk) -> None:
    request = desk.submit()
    with pytest.raises(NotFoundError) as there:
        desk.queue.get(request.request_id, tenant="other")
    with pytest.raises(NotFoundError) as nowhere:
        desk.queue.get("apr_none", tenant="other")
    assert there.value.message.replace(request.request_id, "apr_none") == nowhere.value.message
    assert desk.queue.requests("other") == []


def test_a_plan_is_filed_by_its_own_requester(desk: Desk) -> None:
    with pytest.raises(InvalidInputError, match="own requester"):
        desk.submit(PLAN, OTHER)
    with pytest.raises(InvalidInputError, match="max_gross"):
        desk.submit(plan_with(max_gross=Decimal(10**9)))
    assert desk.kinds() == []
    with pytest.raises(InvalidInputError, match="note"):
        desk.queue.submit(PLAN, principal=AGENT, note="x" * 5000)


def test_a_request_survives_a_restart_with_its_votes(desk: Desk) -> None:
    request = desk.submit()
    desk.sign(PAM, request)
    again = Approvals(desk.path / "control.db", desk.journal, desk.clock, CountedIds("again"))
    found = again.get(request.request_id)
    assert (found.plan, found.text, found.note) == (PLAN, "rank(close)", "please")
    assert [vote.human for vote in found.votes] == ["pam"]
    again.close()


def test_A9_two_deciders_at_once_do_not_both_win(desk: Desk) -> None:
    request = desk.submit()
    desk.sign(PAM, request)
    other = Approvals(desk.path / "control.db", desk.journal, desk.clock, CountedIds("other"))
    stale = desk.queue.get(request.request_id)
    other.revoke(request.request_id, SAM, "no")
    with pytest.raises(ImpossibleMoveError):
        desk.sign(RIK, request)
    store = desk.queue._store
    with pytest.raises(ConflictError, match="changed meanwhile"), store.writing() as now:
        store.move(stale, State.WITHDRAWN, by="x", reason="", at=now)
    other.close()


def test_the_reason_stands_in_the_signed_message() -> None:
    assert message_for(reason="one").reason_hash == reason_hash("one") != reason_hash("two")
