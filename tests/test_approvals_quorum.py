"""The quorum: which signatures count for a plan, and that nothing else does."""

from dataclasses import replace
from datetime import datetime

import pytest

from alphaforge.core.canonical import canonical_json
from alphaforge.core.errors import ImpossibleMoveError, InvalidInputError
from alphaforge.core.principals import Stage
from alphaforge.policies.approvals import (
    MOVES,
    TERMINAL,
    Answer,
    Message,
    Signed,
    State,
    Tally,
    move,
    quorum,
    signed_from_fields,
    verify_signature,
)
from alphaforge.policies.bundle import default_bundle
from alphaforge.policies.keyring import Keyring, revoke_message, revoked
from alphaforge.policies.plan import Plan
from alphaforge.policies.signing import sign
from alphaforge.tests.humans import (
    APE,
    DAY,
    HOUR,
    NOON,
    PAM,
    PLAN,
    RIK,
    Human,
    message_for,
    names,
    plan_with,
    ring,
)

RING = ring(PAM, RIK, APE)
LATER = NOON + 2 * HOUR


def tally(
    *signed: Signed,
    keyring: Keyring = RING,
    plan: Plan = PLAN,
    at: datetime = LATER,
    request_id: str = "apr_1",
) -> Tally:
    return quorum(
        signed,
        keyring=keyring,
        plan=plan,
        request_id=request_id,
        policy=default_bundle().quorum(plan.stage.value),
        at=at,
    )


def both(**changes: object) -> tuple[Signed, Signed]:
    message = message_for(**changes)  # type: ignore[arg-type]
    return PAM.sign(message), RIK.sign(message)


def test_A6_two_humans_with_a_risk_officer_among_them_are_a_quorum() -> None:
    found = tally(*both())
    assert (found.is_met, found.humans, found.missing) == (True, ("pam", "rik"), "")
    assert found.run_until == NOON + 10 * DAY


def test_A6_one_signature_or_none_is_no_quorum() -> None:
    assert tally().missing == "2 of 2 signatures are missing"
    assert tally(both()[1]).missing == "1 of 2 signatures are missing"


def test_A6_two_without_a_risk_officer_are_no_quorum() -> None:
    message = message_for()
    found = tally(PAM.sign(message), APE.sign(message))
    assert (found.is_met, found.humans) == (False, ("ape", "pam"))
    assert "risk" in found.missing


def test_A6_one_human_counts_once_however_many_keys_and_signatures() -> None:
    second = Human("rik", ("risk", "pm"))
    keyring = ring(PAM, RIK, second)
    message = message_for()
    found = tally(RIK.sign(message), RIK.sign(message), second.sign(message), keyring=keyring)
    assert (found.is_met, found.humans) == (False, ("rik",))


@pytest.mark.parametrize("field", ["requester", "sponsor", "authors"])
@pytest.mark.parametrize("name", ["rik", "human:rik", "human:RIK"])
def test_A6_who_asks_sponsors_or_wrote_it_does_not_count(field: str, name: str) -> None:
    plan = plan_with(**{field: (name,) if field == "authors" else name})
    found = tally(*both(plan=plan), plan=plan)
    assert (found.is_met, found.humans) == (False, ("pam",))
    assert "rik: has asked for this plan" in names(found.faults)


def test_A17_an_empty_keyring_makes_live_impossible() -> None:
    found = tally(*both(), keyring=Keyring())
    assert not found.is_met
    assert "keyring is empty" in found.missing


def test_A17_a_stranger_does_not_count() -> None:
    eve = Human("pam", ("risk",))  # Another key under an enrolled name.
    found = tally(eve.sign(message_for()), RIK.sign(message_for()))
    assert (found.is_met, found.humans) == (False, ("rik",))


def test_A17_a_signature_cannot_be_moved_to_another_key() -> None:
    pam, rik = both()
    forged = replace(pam, key_id=APE.key_id)
    assert not tally(forged, rik).is_met
    assert not tally(replace(pam, signature=rik.signature), rik).is_met


CHANGES: dict[str, object] = {
    "tag": "other",
    "request_id": "apr_2",
    "plan_hash": "00" * 32,
    "decision": Answer.REJECT,
    "reason_hash": "00" * 32,
    "decided_at": NOON + 2 * HOUR,
    "decide_by": NOON + 4 * DAY,
    "run_until": NOON + 9 * DAY,
    "quorum_policy_hash": "00" * 32,
    "journal_head": "00" * 32,
}


@pytest.mark.parametrize("name", sorted(CHANGES))
def test_A17_every_field_of_the_message_is_signed(name: str) -> None:
    pam = PAM.sign(message_for())
    assert verify_signature(pam, RING) is not None
    changed = replace(pam, message=replace(pam.message, **{name: CHANGES[name]}))  # type: ignore[arg-type]
    assert verify_signature(changed, RING) is None
    assert set(CHANGES) == set(Message.__slots__)


def test_A17_a_rejection_never_counts_as_an_approval() -> None:
    message = message_for(decision=Answer.REJECT)
    found = tally(PAM.sign(message), RIK.sign(message))
    assert (found.is_met, found.is_rejected) == (False, True)
    # The bytes of a rejection, dressed up as an approval:
    dressed = replace(PAM.sign(message), message=message_for())
    assert not tally(dressed, RIK.sign(message_for())).is_met


def test_one_rejection_outweighs_a_quorum() -> None:
    found = tally(*both(), APE.sign(message_for(decision=Answer.REJECT)))
    assert (found.is_met, found.is_rejected) == (False, True)


def test_A3_signatures_for_another_plan_do_not_count() -> None:
    other = plan_with(account="second")
    found = tally(*both(), plan=other)
    assert not found.is_met
    assert "signed another plan" in names(found.faults)


def test_A7_signatures_for_another_request_do_not_count() -> None:
    assert "signed another request" in names(tally(*both(), request_id="apr_2").faults)


def test_A17_signatures_under_another_quorum_do_not_count() -> None:
    weak = default_bundle().quorum("staging").hash()
    found = tally(*both(quorum_policy_hash=weak))
    assert "signed under another quorum" in names(found.faults)


def test_A5_an_approval_ends_at_its_very_instant() -> None:
    end = NOON + 10 * DAY
    before = end - (end - end.replace(microsecond=0)) - (HOUR / 3_600_000_000)
    assert tally(*both(), at=before).is_met
    assert not tally(*both(), at=end).is_met


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"at": NOON + 3 * DAY}, "signed after the time to decide"),
        ({"at": LATER + HOUR}, "signed in the future"),
        ({"run_until": NOON + 11 * DAY}, "signed for longer than the plan runs"),
    ],
    ids=["late", "future", "long"],
)
def test_A5_times_outside_the_request_do_not_count(
    changes: dict[str, datetime], words: str
) -> None:
    at = LATER if words != "signed after the time to decide" else NOON + 3 * DAY
    found = tally(*both(**changes), at=at)
    assert (found.is_met, words in names(found.faults)) == (False, True)


def test_A8_a_revoked_key_counts_no_longer() -> None:
    signatures = [RIK.sign_key_change(revoke_message(RING, PAM.key_id))]
    shrunk = revoked(RING, PAM.key_id, at=NOON, signatures=signatures)
    assert tally(*both()).is_met
    assert tally(*both(), keyring=shrunk).humans == ("rik",)


def test_A17_demo_keys_count_on_the_simulated_venue_alone() -> None:
    demo = ring(PAM, RIK, is_demo=True)
    found = tally(*both(), keyring=demo)
    assert (found.is_met, found.has_demo_keys) == (True, True)
    real = plan_with(venue="binance")
    there = tally(*both(plan=real), keyring=demo, plan=real)
    assert not there.is_met
    assert "demo key does not count" in names(there.faults)
    assert tally(*both(plan=real), plan=real).is_met, "a real key counts there"


def test_staging_takes_one_signature() -> None:
    plan = plan_with(stage=Stage.STAGING)
    assert tally(PAM.sign(message_for(plan)), plan=plan).is_met


def test_the_message_has_the_fields_of_the_design() -> None:
    message = message_for()
    assert message.canonical() == canonical_json(
        {
            "tag": "alphaforge.approval.v1",
            "request_id": "apr_1",
            "plan_hash": message.plan_hash,
            "decision": "approve",
            "reason_hash": message.reason_hash,
            "decided_at": "2026-01-05T13:00:00.000000Z",
            "decide_by": "2026-01-08T12:00:00.000000Z",
            "run_until": "2026-01-15T12:00:00.000000Z",
            "quorum_policy_hash": message.quorum_policy_hash,
            "journal_head": message.journal_head,
        }
    )
    assert len(message.challenge()) == 32


def test_a_signed_message_reads_back_and_nothing_else_does() -> None:
    pam = PAM.sign(message_for())
    assert signed_from_fields(pam.fields()) == pam
    table = pam.fields()
    for odd in (
        {},
        {**table, "message": "x"},
        {**table, "message": {**table["message"], "extra": "1"}},  # type: ignore[dict-item]
        {**table, "message": {**table["message"], "decision": "maybe"}},  # type: ignore[dict-item]
        {**table, "message": {**table["message"], "decided_at": "noon"}},  # type: ignore[dict-item]
    ):
        with pytest.raises(InvalidInputError):
            signed_from_fields(odd)


@pytest.mark.parametrize("signature", ["", "zz", "00" * 64, "00" * 63])
def test_an_odd_signature_is_no_signature(signature: str) -> None:
    assert verify_signature(replace(PAM.sign(message_for()), signature=signature), RING) is None


def test_a_signature_over_other_words_is_no_approval() -> None:
    other = sign(PAM.private, b"alphaforge.key.enroll.v1")
    assert verify_signature(Signed(message_for(), PAM.key_id, other), RING) is None


@pytest.mark.parametrize("state", sorted(TERMINAL))
def test_A9_nothing_leaves_a_terminal_state(state: State) -> None:
    for to in State:
        with pytest.raises(ImpossibleMoveError):
            move(state, to)


def test_A9_the_table_of_states_is_the_one_of_the_rules() -> None:
    assert {
        State.REJECTED,
        State.EXPIRED,
        State.REVOKED,
        State.SUPERSEDED,
        State.WITHDRAWN,
    } == TERMINAL
    assert move(State.PENDING, State.APPROVED) is State.APPROVED
    assert move(State.APPROVED, State.CONSUMED) is State.CONSUMED
    with pytest.raises(ImpossibleMoveError):
        move(State.PENDING, State.CONSUMED)
    with pytest.raises(ImpossibleMoveError):
        move(State.CONSUMED, State.APPROVED)
    # A8: everything that has not ended can be revoked.
    assert all(State.REVOKED in MOVES[state] for state in set(State) - TERMINAL)
