"""``alphaforge audit``: chains, checkpoints and causes, through the command line."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.home import Home
from alphaforge.core.journal_check import read
from alphaforge.server.cli import run_command
from alphaforge.server.orphans import gateway_orphans
from alphaforge.tests.approved_home import ORDER, Homes, approved, homes
from alphaforge.tests.gateway_world import World
from alphaforge.tests.humans import APE, PAM, RIK, Human, ring
from alphaforge.tests.test_journal_chain import tamper

Say = Callable[..., tuple[int, Any]]


@pytest.fixture
def place(tmp_path: Path) -> Homes:
    # The command line has the machine's clock, so the homes live in the machine's present.
    return homes(tmp_path, datetime.now(UTC))  # noqa: TID251


@pytest.fixture
def say(place: Homes, capsys: pytest.CaptureFixture[str]) -> Say:
    def run(*argv: str) -> tuple[int, Any]:
        code = run_command([*argv, *place.flags(), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_L4_records_that_hold_are_said_to_hold(place: Homes, say: Say) -> None:
    place.trade(approved(place))
    code, fields = say("audit", "verify")
    assert (code, fields["is_ok"], fields["orphans"]) == (0, True, [])
    assert fields["journals"]["server"]["entries"] >= 5
    assert fields["journals"]["gateway"]["entries"] == 7


def test_L4_a_changed_entry_fails_the_command_and_is_located(place: Homes, say: Say) -> None:
    place.trade(approved(place))
    place.journal.close()
    tamper(place.home.journal_db, "UPDATE entries SET body = '{}' WHERE seq = 2")
    code, fields = say("audit", "verify")
    assert (code, fields["is_ok"]) == (1, False)
    assert fields["journals"]["server"]["first_bad_seq"] == 2


def test_L3_a_cut_off_journal_fails_against_a_checkpoint(
    place: Homes, say: Say, tmp_path: Path
) -> None:
    approved(place)
    assert say("audit", "checkpoint", "--out", str(tmp_path / "kept.jsonl"))[0] == 0
    assert say("audit", "verify", "--checkpoints", str(tmp_path / "kept.jsonl"))[0] == 0
    place.journal.close()
    tamper(place.home.journal_db, "DELETE FROM entries WHERE seq > 3")
    # The gate's own entries of this call continue the shortened chain: it verifies by itself.
    code, fields = say("audit", "verify", "--checkpoints", str(tmp_path / "kept.jsonl"))
    assert code == 1
    assert fields["journals"]["server"]["faults"]


def test_L4_an_order_without_an_approval_is_an_orphan(place: Homes, say: Say) -> None:
    request = approved(place)
    place.gateway_event("order.intent", request, client_order_id=ORDER)
    code, fields = say("audit", "verify")
    assert code == 1
    assert f"order `{ORDER}` has no approval before it" in fields["orphans"][0]


def test_L4_an_approval_without_a_request_is_an_orphan(place: Homes, say: Say) -> None:
    request = approved(place)
    place.gateway_event("approval.consumed", replace(request, plan_hash="00" * 32))
    assert "nobody asked the server for" in say("audit", "verify")[1]["orphans"][0]


def test_L4_an_order_sent_without_intent_is_an_orphan(place: Homes, say: Say) -> None:
    request = approved(place)
    place.gateway_event("order.sent", request, client_order_id=ORDER)
    assert "without an intent" in say("audit", "verify")[1]["orphans"][0]


@pytest.mark.parametrize("spoil", ["signature", "key_id", "head", "request"])
def test_L4_a_forged_signature_is_found(place: Homes, say: Say, spoil: str) -> None:
    request = approved(place)
    (entry, _) = place.journal.entries(kind="approval.signed")
    signed = entry.body["signed"]
    assert isinstance(signed, dict)
    forged: dict[str, Any] = {
        "signature": {**signed, "signature": "00" * 64},
        "key_id": {**signed, "key_id": Human("eve").key_id},
        "head": {**signed, "message": {**signed["message"], "journal_head": "00" * 32}},
        "request": signed,
    }[spoil]
    place.journal.append(
        "approval.signed",
        principal="human:pam",
        request_id="apr_none" if spoil == "request" else request.request_id,
        plan_hash=request.plan_hash,
        body={**entry.body, "signed": forged},
    )
    code, fields = say("audit", "verify")
    assert code == 1
    assert fields["orphans"][0].startswith(f"server entry {entry.seq + 3}")


def test_L4_a_signature_that_witnesses_another_journal_is_found(place: Homes, say: Say) -> None:
    request = place.ask()
    place.sign(PAM, request)
    assert say("audit", "verify")[0] == 0
    # A true signature: its human saw a history that this file does not hold.
    place.sign(RIK, request, head="00" * 32)
    code, fields = say("audit", "verify")
    assert (code, len(fields["orphans"])) == (1, 1)
    assert "witnesses a journal that is not this one" in fields["orphans"][0]


def test_A17_a_key_slipped_into_the_keyring_is_found(place: Homes, say: Say) -> None:
    from alphaforge.server.keyfiles import save_keyring

    assert say("audit", "verify")[0] == 0
    slipped = ring(PAM, RIK, APE, Human("eve", ("risk",)), at=place.start)
    save_keyring(place.gateway_home, slipped)
    code, fields = say("audit", "verify")
    assert code == 1
    assert any("eve is not as it was enrolled" in orphan for orphan in fields["orphans"])


def test_audit_proves_an_order_and_exits_1_when_it_cannot(place: Homes, say: Say) -> None:
    request = approved(place)
    place.trade(request)
    code, fields = say("audit", "prove", ORDER)
    assert (code, fields["is_proven"]) == (0, True)
    place.gateway.append("order.intent", principal="x", body={"client_order_id": "af-x"})
    code, fields = say("audit", "prove", "af-x")
    assert (code, fields["is_proven"]) == (1, False)
    assert say("audit", "prove", "none")[0] == 1


def test_audit_tail_and_export_give_whole_entries(place: Homes, say: Say, tmp_path: Path) -> None:
    place.trade(approved(place))
    _, fields = say("audit", "tail", "-n", "2", "--kind", "approval.signed")
    assert [entry["kind"] for entry in fields["entries"]] == ["approval.signed"] * 2
    _, fields = say("audit", "tail", "--gateway", "-n", "1")
    assert fields["entries"][0]["kind"] == "order.filled"
    out = tmp_path / "all.jsonl"
    code, fields = say("audit", "export", "--out", str(out), "--gateway")
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert (code, fields["entries"], len(rows)) == (0, 7, 7)
    assert [row["hash"] for row in rows] == [entry.hash for entry in place.gateway.entries()]


def test_a_home_without_a_gateway_is_verified_alone(say: Say, place: Homes) -> None:
    Home(place.gateway_home).journal_db.unlink()
    code, fields = say("audit", "verify")
    assert list(fields["journals"]) == ["server"]
    assert code == 1, "keys without the journal that let them in are not trusted"


def test_L4_what_a_real_gateway_journals_has_a_cause(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.run().json()["fills"]
    entries = list(read(Home(world.home).journal_db))
    assert list(gateway_orphans(entries, None)) == []
    uncaused = [entry for entry in entries if entry.kind != "approval.consumed"]
    orders = [entry for entry in entries if entry.kind == "order.intent"]
    assert len(list(gateway_orphans(uncaused, None))) == len(orders) > 0
