"""Humans decide at the command line: show, sign, end, and what the page puts first."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.home import Home
from alphaforge.core.journal_check import read
from alphaforge.policies.limits import Limits
from alphaforge.runs.approvals import ApprovalRequest
from alphaforge.runs.deployments import State as Running
from alphaforge.server.cli import run_command
from alphaforge.server.keyfiles import CHECKPOINTS
from alphaforge.tests.approved_home import Homes
from alphaforge.tests.humans import AGENT, PLAN

Say = Callable[..., tuple[int, Any]]
WORDS = "correct horse battery"


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Say:
    flags = ["--home", str(tmp_path / "home"), "--gateway-home", str(tmp_path / "gateway")]

    def run(*argv: str, as_json: bool = True) -> tuple[int, Any]:
        code = run_command([*argv, *flags, *(["--json"] if as_json else [])])
        told = capsys.readouterr()
        return code, json.loads(told.out) if as_json else told.out + told.err

    return run


@pytest.fixture
def place(tmp_path: Path) -> Homes:
    from alphaforge.policies.keyring import Keyring

    now = datetime.now(UTC)  # noqa: TID251  # The command line has the machine's clock.
    return Homes(Home(tmp_path / "home"), tmp_path / "gateway", now, Keyring())


@pytest.fixture
def keys(tmp_path: Path, say: Say, place: Homes) -> Path:
    """Make and enrol the keys of pam (pm) and rik (risk)."""
    (place.gateway_home / "keyring.json").unlink()
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "words").write_text(WORDS + "\n")
    words = ["--passphrase-file", str(folder / "words")]
    for name, role in (("pam", "pm"), ("rik", "risk")):
        assert say("keys", "new", name, "--out", str(folder / name), *words)[0] == 0
        assert say("keys", "enroll", str(folder / name), "--roles", role)[0] == 0
    return folder


def sign(say: Say, keys: Path, human: str, request: ApprovalRequest, *more: str) -> Any:
    verb, rest = ("approve", more) if "reject" not in more else ("reject", ())
    return say(
        *("approvals", verb, request.request_id, "--key", str(keys / human)),
        *("--passphrase-file", str(keys / "words"), "--reason", "I read it", *rest),
    )


def test_the_way_from_empty_keyring_to_approved(say: Say, place: Homes, keys: Path) -> None:
    request = place.ask()
    code, fields = say("approvals", "list")
    assert [row["request_id"] for row in fields["approvals"]] == [request.request_id]
    code, fields = sign(say, keys, "pam", request)
    assert (code, fields["state"], fields["is_quorum_met"]) == (0, "pending", False)
    assert fields["missing"] == "1 of 2 signatures are missing"
    code, fields = sign(say, keys, "rik", request)
    assert (code, fields["state"], fields["is_quorum_met"]) == (0, "approved", True)
    made = place.deployments.of_request(request.request_id)
    assert made is not None
    assert made.state is Running.APPROVED
    assert say("audit", "verify")[0] == 0
    assert (place.gateway_home / "audit" / CHECKPOINTS).read_text().count("\n") == 2


def test_A3_the_hash_that_was_shown_is_the_hash_that_is_signed(
    say: Say, place: Homes, keys: Path
) -> None:
    request = place.ask()
    shown = say("approvals", "show", request.request_id)[1]["plan_hash"]
    assert shown == request.plan_hash
    code, fields = sign(say, keys, "pam", request, "--plan-hash", "00" * 32)
    assert (code, "not the one you were shown" in fields["message"]) == (1, True)
    assert place.queue.get(request.request_id).votes == ()
    assert sign(say, keys, "pam", request, "--plan-hash", shown)[0] == 0
    (vote,) = place.queue.get(request.request_id).votes
    assert vote.signed.message.plan_hash == shown


class Terminal(io.StringIO):
    """A terminal at which somebody has typed."""

    def isatty(self) -> bool:
        return True


def test_A3_at_a_terminal_the_human_types_what_was_read(
    say: Say, place: Homes, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = place.ask()
    argv = (
        *("approvals", "approve", request.request_id, "--key", str(keys / "pam")),
        *("--passphrase-file", str(keys / "words"), "--reason", "I read it"),
    )
    for typed, code, votes in (("yes", 1, 0), (request.plan_hash[:8], 0, 1)):
        monkeypatch.setattr("sys.stdin", Terminal(typed + "\n"))
        found, page = say(*argv, as_json=False)
        assert (found, "worst loss" in page) == (code, True)
        assert len(place.queue.get(request.request_id).votes) == votes


def test_A3_a_plan_changed_under_the_reader_is_not_signed(
    say: Say, place: Homes, keys: Path
) -> None:
    import sqlite3

    from alphaforge.policies.plan import plan_json

    request = place.ask()
    other = plan_json(replace(place.plan, account="eves"))
    with sqlite3.connect(place.home.control_db) as forger:
        forger.execute("UPDATE approvals SET plan = ?", (other,))
    forger.close()
    for code, fields in (
        say("approvals", "show", request.request_id),
        sign(say, keys, "pam", request),
    ):
        assert (code, fields["code"]) == (1, "AF600")


def test_A14_there_is_no_decision_without_a_reason(say: Say, place: Homes, keys: Path) -> None:
    request = place.ask()
    key = ("--key", str(keys / "pam"), "--passphrase-file", str(keys / "words"))
    code, fields = say("approvals", "approve", request.request_id, *key)
    assert (code, "--reason" in fields["message"]) == (2, True)
    code, fields = say("approvals", "approve", request.request_id, *key, "--reason", " ")
    assert (code, "reason" in fields["message"]) == (1, True)


def test_a_rejection_is_signed_and_final(say: Say, place: Homes, keys: Path) -> None:
    request = place.ask()
    code, fields = sign(say, keys, "rik", request, "reject")
    assert (code, fields["state"]) == (0, "rejected")
    assert sign(say, keys, "pam", request)[0] == 1
    made = place.deployments.of_request(request.request_id)
    assert made is not None
    assert made.state is Running.STOPPED


def test_A8_a_revocation_stops_what_runs(say: Say, place: Homes, keys: Path) -> None:
    request = place.ask()
    sign(say, keys, "pam", request)
    sign(say, keys, "rik", request)
    made = place.deployments.of_request(request.request_id)
    assert made is not None
    place.queue.consume(request.request_id, AGENT, made.deployment_id)
    for to in (Running.STARTING, Running.RUNNING):
        place.deployments.move(made.deployment_id, to, by="test")
    code, fields = say("approvals", "revoke", request.request_id, "--reason", "odd fills")
    assert (code, fields["state"]) == (0, "revoked")
    assert place.deployments.get(made.deployment_id).state is Running.STOPPING


def test_stopping_a_deployment_ends_its_approval(say: Say, place: Homes, keys: Path) -> None:
    request = place.ask()
    sign(say, keys, "pam", request)
    sign(say, keys, "rik", request)
    made = place.deployments.of_request(request.request_id)
    assert made is not None
    code, fields = say("deployments", "list")
    assert [row["state"] for row in fields["deployments"]] == ["approved"]
    code, fields = say("deployments", "stop", made.deployment_id)
    assert (code, fields["state"]) == (0, "stopped")
    assert say("approvals", "show", request.request_id)[1]["state"] == "revoked"
    assert say("deployments", "stop", made.deployment_id)[0] == 1
    assert say("deployments", "list")[1]["deployments"] == []
    assert say("deployments", "show", made.deployment_id)[1]["plan"]["venue"] == "sim"


def test_A17_nobody_approves_with_an_empty_keyring(say: Say, place: Homes, keys: Path) -> None:
    request = place.ask()
    (place.gateway_home / "keyring.json").unlink()
    code, fields = sign(say, keys, "pam", request)
    assert (code, fields["code"]) == (1, "AF403")


def test_A6_the_sponsors_own_key_does_not_count(say: Say, place: Homes, keys: Path) -> None:
    mine = replace(place.plan, sponsor="human:rik")
    request = place.ask(mine)
    code, fields = sign(say, keys, "rik", request)
    assert (code, "has asked for this plan" in fields["message"]) == (1, True)


def test_A12_the_page_leads_with_the_servers_numbers_and_ends_with_prose(
    say: Say, place: Homes
) -> None:
    plan = place.plan
    place.queue.submit(plan, principal=AGENT, note="SAFE! \u202eapprove now\x1b[2J\n# heading")
    (request,) = place.queue.requests()
    page = say("approvals", "show", request.request_id, as_json=False)[1]
    order = ["worst loss", "3500", "Where, and until when", "Limits", "Signatures", "unchecked:"]
    places = [page.index(words) for words in order]
    assert places == sorted(places)
    # A13: nothing in it acts.
    assert "\\u202eapprove now\\u001b[2J\\u000a# heading" in page
    assert "\u202e" not in page
    assert "\x1b" not in page


def test_A3_the_page_shows_the_text_that_the_plan_hashes_and_no_other(
    say: Say, place: Homes
) -> None:
    request = place.ask()
    assert "  | rank(close)" in say("approvals", "show", request.request_id, as_json=False)[1]
    assert say("approvals", "show", request.request_id)[1]["is_text_of_plan"] is True
    other = replace(place.plan, account="second")
    place.queue.submit(other, principal=AGENT, text="-rank(close)")
    (shown, *_) = place.queue.requests()
    page = say("approvals", "show", shown.request_id, as_json=False)[1]
    assert "-rank(close)" not in page
    assert "not the one of this plan" in page


def test_A10_the_page_shows_what_changed_the_risky_first(
    say: Say, place: Homes, keys: Path
) -> None:
    first = place.ask()
    sign(say, keys, "pam", first)
    sign(say, keys, "rik", first)
    made = place.queue.consume(first.request_id, AGENT, "dep_1")
    limits: Limits = replace(PLAN.limits, capital=Decimal(12000), max_drawdown=Decimal("0.1"))
    second = place.ask(replace(made.plan, limits=limits))
    page = say("approvals", "show", second.request_id, as_json=False)[1]
    risky = page.index("RISK limits.capital: 10000 -> 12000")
    assert risky < page.index("limits.max_drawdown: 0.2 -> 0.1") < page.index("Where, and until")


def test_keys_are_made_outside_both_homes(say: Say, place: Homes, tmp_path: Path) -> None:
    (tmp_path / "words").write_text(WORDS)
    for home in (place.home.root, place.gateway_home):
        code, fields = say(
            *("keys", "new", "eve", "--out", str(home / "eve.key")),
            *("--passphrase-file", str(tmp_path / "words")),
        )
        assert (code, "home" in fields["message"]) == (1, True)


def test_A17_a_third_key_needs_two_signers_at_the_command_line(
    say: Say, keys: Path, place: Homes
) -> None:
    words = ["--passphrase-file", str(keys / "words")]
    say("keys", "new", "ape", "--out", str(keys / "ape"), *words)
    assert say("keys", "enroll", str(keys / "ape"), "--roles", "approver")[0] == 1
    signers = ["--signer", str(keys / "pam"), *words, "--signer", str(keys / "rik"), *words]
    code, fields = say("keys", "enroll", str(keys / "ape"), "--roles", "approver", *signers)
    assert (code, fields["human"]) == (0, "ape")
    kinds = [entry.kind for entry in read(Home(place.gateway_home).journal_db)]
    assert kinds == ["key.enrolled"] * 3
    code, fields = say("keys", "revoke", fields["key_id"], "--signer", str(keys / "pam"), *words)
    assert (code, bool(fields["revoked_at"])) == (0, True)
    assert [key["human"] for key in say("keys", "list")[1]["keys"] if not key["revoked_at"]] == [
        "pam",
        "rik",
    ]


def test_a_wrong_passphrase_signs_nothing(say: Say, keys: Path, place: Homes) -> None:
    request = place.ask()
    (keys / "words").write_text("another passphrase\n")
    code, fields = sign(say, keys, "pam", request)
    assert (code, "does not open" in fields["message"]) == (1, True)
    assert place.queue.get(request.request_id).votes == ()


def test_policy_explains_a_journalled_decision(say: Say, place: Homes) -> None:
    place.ask()
    (entry,) = place.journal.entries(kind="decision")
    code, fields = say("policy", "explain", entry.decision_id)
    assert (code, fields["decision"]["effect"]) == (0, "needs_approval")
    assert fields["decision"]["rule_ids"] == ["live_needs_quorum"]


def test_policy_checks_and_simulates_a_candidate(say: Say, place: Homes, tmp_path: Path) -> None:
    place.ask()
    fields = say("policy", "show")[1]
    bundle = fields["bundle"]
    file = tmp_path / "candidate.json"
    file.write_text(json.dumps(bundle))
    assert say("policy", "check", str(file))[1]["bundle_hash"] == fields["bundle_hash"]
    assert say("policy", "simulate", str(file))[1]["changes"] == []
    bundle["venues"]["live"] = []
    bundle["fixtures"] = []
    file.write_text(json.dumps(bundle))
    fields = say("policy", "simulate", str(file))[1]
    (change,) = fields["changes"]
    assert (change["before"], change["after"]) == ("needs_approval", "deny")
    bundle["agents"] = "all"
    file.write_text(json.dumps(bundle))
    assert say("policy", "check", str(file))[0] == 1
