"""Votes: which signatures the queue takes, and how fast."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.errors import (
    InvalidInputError,
    LimitError,
    RefusedError,
)
from alphaforge.core.journal import verify
from alphaforge.policies.approvals import Answer, State, reason_hash
from alphaforge.policies.keyring import Keyring
from alphaforge.tests.approval_desk import RING, Desk, open_desk
from alphaforge.tests.humans import (
    DAY,
    HOUR,
    NOON,
    PAM,
    RIK,
    SAM,
    Human,
    message_for,
    plan_with,
    ring,
)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = open_desk(tmp_path)
    yield opened
    assert verify(opened.journal.path).is_ok
    opened.queue.close()


def test_A17_a_row_that_says_approved_is_no_approval(desk: Desk) -> None:
    request = desk.submit()
    with sqlite3.connect(desk.path / "control.db") as forger:
        forger.execute("UPDATE approvals SET state = 'approved'")
    forger.close()
    found = desk.queue.get(request.request_id)
    assert found.state is State.APPROVED
    assert not desk.queue.tally(found, RING).is_met


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
    desk: Desk, changes: dict[str, Any]
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


def test_the_reason_stands_in_the_signed_message() -> None:
    assert message_for(reason="one").reason_hash == reason_hash("one") != reason_hash("two")
