"""The queue of approvals: filed once, signed by humans, ended for good, journalled first."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

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
from alphaforge.core.journal import verify
from alphaforge.core.principals import Kind, Principal
from alphaforge.policies.approvals import Answer, State
from alphaforge.policies.plan import plan_hash, plan_json
from alphaforge.runs.approvals import Approvals
from alphaforge.tests.approval_desk import OTHER, RING, Desk, open_desk
from alphaforge.tests.humans import (
    AGENT,
    DAY,
    PAM,
    PLAN,
    REASON,
    RIK,
    SAM,
    plan_with,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(tmp_path)
    yield opened
    assert verify(opened.journal.path).is_ok
    opened.queue.close()


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


def test_A5_an_approval_has_ended_at_its_very_instant(desk: Desk) -> None:
    request = desk.submit()
    desk.sign(PAM, request)
    desk.sign(RIK, request)
    desk.clock.start = request.run_until - timedelta(milliseconds=desk.clock.asked + 1)
    assert desk.queue.get(request.request_id).state is State.APPROVED
    desk.clock.start = request.run_until - timedelta(milliseconds=desk.clock.asked)
    assert desk.queue.get(request.request_id).state is State.EXPIRED


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
