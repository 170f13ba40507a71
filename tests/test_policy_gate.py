"""The one enforcement function: decide, journal, work, journal."""

from pathlib import Path
from typing import NoReturn

import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import (
    ApprovalNeededError,
    BrokenError,
    ConflictError,
    InvalidInputError,
    RefusedError,
)
from alphaforge.core.ids import CountedIds
from alphaforge.core.journal import Journal, verify
from alphaforge.core.principals import Stage
from alphaforge.policies.action import Action
from alphaforge.policies.bundle import default_bundle
from alphaforge.policies.decision import Decision, Effect
from alphaforge.policies.gate import Gate, enforce
from alphaforge.policies.replay import changed, request_from_fields
from alphaforge.policies.request import Request
from alphaforge.tests.humans import AGENT, DEPLOY, NOON, SAM


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    journal = Journal(tmp_path / "j.db", SteppedClock(NOON))
    return Gate(bundle=default_bundle(), journal=journal, ids=CountedIds("test"))


def never(_decision: Decision) -> NoReturn:
    raise AssertionError("the work was done")


def test_P6_work_is_done_after_its_decision_is_journalled(gate: Gate) -> None:
    def work(decision: Decision) -> str:
        (entry,) = gate.journal.entries()
        assert (entry.kind, entry.decision_id) == ("decision", decision.id)
        return decision.effect

    assert enforce(Request(Action.COMPILE, AGENT), gate=gate, work=work) == Effect.ALLOW
    decision, outcome = gate.journal.entries()
    assert outcome.kind == "outcome"
    assert outcome.body == {"action": "compile", "is_ok": True}
    assert outcome.decision_id == decision.decision_id


def test_P3_the_journal_holds_the_decision_and_its_input(gate: Gate) -> None:
    request = Request(Action.DEPLOY_REQUEST, AGENT, Stage.LIVE, facts=DEPLOY)
    with pytest.raises(ApprovalNeededError):
        enforce(request, gate=gate, work=never, request_id="req_1")
    (entry,) = gate.journal.entries()
    told = entry.body["decision"]
    assert isinstance(told, dict)
    assert told["effect"] == "needs_approval"
    assert told["rule_ids"] == ["live_needs_quorum"]
    assert told["bundle_hash"] == gate.bundle.hash
    assert told["input_hash"] == request.hash()
    assert entry.request_id == "req_1"
    asked = entry.body["request"]
    assert isinstance(asked, dict)
    assert request_from_fields(asked) == request


def test_a_refusal_does_nothing_and_names_its_rules(gate: Gate) -> None:
    with pytest.raises(RefusedError, match="for humans") as caught:
        enforce(Request(Action.APPROVE, AGENT), gate=gate, work=never, ask=never)
    assert not isinstance(caught.value, ApprovalNeededError)
    assert caught.value.rule_ids == ("approvers_only", "humans_only")
    (entry,) = gate.journal.entries()
    assert entry.decision_id == caught.value.decision_id


def test_P11_needs_approval_is_not_an_allow(gate: Gate) -> None:
    request = Request(Action.DEPLOY_REQUEST, AGENT, Stage.LIVE, facts=DEPLOY)
    with pytest.raises(ApprovalNeededError, match="2 humans"):
        enforce(request, gate=gate, work=never)
    # A caller that knows only refusals meets it as one.
    with pytest.raises(RefusedError):
        enforce(request, gate=gate, work=never)
    filed = enforce(request, gate=gate, work=never, ask=lambda decision: decision.tier)
    assert filed == "live"


def test_a_failing_work_is_journalled_with_its_code(gate: Gate) -> None:
    def work(_decision: Decision) -> None:
        raise ConflictError("`run_1` is done")

    with pytest.raises(ConflictError):
        enforce(Request(Action.COMPILE, AGENT), gate=gate, work=work)
    outcome = gate.journal.entries()[-1]
    assert outcome.body == {
        "action": "compile",
        "is_ok": False,
        "error": "AF409",
        "message": "`run_1` is done",
    }


def test_L6_a_foreign_exception_leaves_its_type_and_not_its_words(gate: Gate) -> None:
    def work(_decision: Decision) -> None:
        raise ValueError("password hunter2")

    with pytest.raises(ValueError, match="hunter2"):
        enforce(Request(Action.COMPILE, AGENT), gate=gate, work=work)
    assert gate.journal.entries()[-1].body["error"] == "ValueError"
    assert "hunter2" not in str(gate.journal.entries()[-1])


def fill_disk(gate: Gate) -> None:
    pages = gate.journal._connection.execute("PRAGMA page_count").fetchone()[0]
    gate.journal._connection.execute(f"PRAGMA max_page_count = {pages}")
    try:
        for _ in range(10):
            gate.journal.append("fill", principal="a", body={"text": "x" * 4000})
    except BrokenError:
        return
    pytest.fail("the disk did not fill")


def test_L2_without_a_journal_nothing_is_done(gate: Gate) -> None:
    fill_disk(gate)
    with pytest.raises(BrokenError):
        enforce(Request(Action.COMPILE, AGENT, resource="x" * 4000), gate=gate, work=never)
    assert verify(gate.journal.path).is_ok


def test_L2_the_kill_switch_acts_even_without_a_journal(gate: Gate) -> None:
    fill_disk(gate)
    pulled = enforce(
        Request(Action.KILL_SET, AGENT, resource="x" * 4000), gate=gate, work=lambda _: "pulled"
    )
    assert pulled == "pulled"
    assert gate.journal.entries(kind="decision") == []
    gate.journal._connection.execute("PRAGMA max_page_count = 1000000")
    enforce(Request(Action.COMPILE, AGENT), gate=gate, work=lambda _: None)
    taken = gate.journal.entries(kind="journal.spooled")
    assert "kill.set" in str(taken[0].body)


def test_P7_a_replay_finds_exactly_what_another_bundle_changes(gate: Gate) -> None:
    for request in (
        Request(Action.COMPILE, AGENT),
        Request(Action.DEPLOY_REQUEST, AGENT, Stage.PAPER, facts=DEPLOY),
        Request(Action.AUDIT_READ, SAM),
    ):
        enforce(request, gate=gate, work=lambda _: None)
    history = gate.journal.entries()
    assert list(changed(history, gate.bundle)) == []
    strict = gate.bundle.model_copy(update={"agents": frozenset({Action.COMPILE})})
    (change,) = changed(history, strict)
    assert (change.action, change.before) == ("deploy.request", Effect.ALLOW)
    assert change.after.effect is Effect.DENY
    assert len(gate.journal.entries()) == len(history), "a simulation has no effect"


def test_P7_a_replayed_request_hashes_as_the_one_that_was_judged() -> None:
    request = Request(Action.DEPLOY_REQUEST, AGENT, Stage.PAPER, resource="p", facts=DEPLOY)
    assert request_from_fields(request.fields()).hash() == request.hash()
    with pytest.raises(InvalidInputError):
        request_from_fields({"action": "no.such", "principal": {"id": "a", "kind": "human"}})
    with pytest.raises(InvalidInputError):
        request_from_fields(request.fields() | {"facts": {"a": 1.5}})
