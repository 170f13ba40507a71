"""What a server's owner could undo by editing files, and no longer can."""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.core.errors import TamperedError
from alphaforge.core.home import Home
from alphaforge.core.ids import RandomIds
from alphaforge.core.journal import Journal
from alphaforge.core.journal_check import read_checkpoints, verify
from alphaforge.execution.approval import NotApprovedError
from alphaforge.execution.kill_file import GLOBAL, Kill, Level
from alphaforge.policies.approvals import Answer
from alphaforge.runs.approvals import Approvals
from alphaforge.server.cli import run_command
from alphaforge.server.keyfiles import CHECKPOINTS
from alphaforge.server.ledger_check import ledger_faults
from alphaforge.tests.approved_home import ORDER, Homes, approved, homes
from alphaforge.tests.gateway_world import World
from alphaforge.tests.humans import PAM, RIK, SAM, message_for, ring
from alphaforge.tests.test_gateway_process import Place, place_at
from alphaforge.tests.test_journal_chain import tamper

Say = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place_at(tmp_path_factory.mktemp("signed"), "live", PAM, RIK)


@pytest.fixture
def desk(tmp_path: Path) -> Homes:
    # The command line has the machine's clock, so the homes live in the machine's present.
    return homes(tmp_path, datetime.now(UTC))  # noqa: TID251


@pytest.fixture
def say(desk: Homes, capsys: pytest.CaptureFixture[str]) -> Say:
    def run(*argv: str) -> tuple[int, Any]:
        code = run_command([*argv, *desk.flags(), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def say_no(place: Place, how: str) -> None:
    """Revoke, reject or withdraw as people do, then turn the rows back as if nobody had."""
    journal = Journal(place.home.journal_db, SystemClock())
    queue = Approvals(place.home.control_db, journal, SystemClock(), RandomIds())
    name = str(place.plan["request_id"])
    if how == "revoke":
        queue.revoke(name, SAM, "odd fills")
    else:
        request = queue.get(name)
        place.change("UPDATE approvals SET state = 'pending'")
        message = message_for(
            request.plan,
            request_id=name,
            decision=Answer.REJECT,
            at=SystemClock().now(),
            decide_by=request.decide_by,
            run_until=request.run_until,
            journal_head=queue.journal_head(),
        )
        no = RIK.sign(message)
        keyring = ring(PAM, RIK, is_demo=True, at=SystemClock().now() - timedelta(days=1))
        queue.attach(name, no, reason="the drawdown fits the budget", keyring=keyring)
        place.change("DELETE FROM approval_votes WHERE decision = 'reject'")
    queue.close()
    journal.close()
    place.change("UPDATE approvals SET state = 'approved'")


@pytest.mark.parametrize("how", ["revoke", "reject"])
def test_A8_a_no_that_was_edited_out_of_the_store_still_stops_the_gateway(
    signed: Place, tmp_path: Path, how: str
) -> None:
    place = signed.copy(tmp_path)
    say_no(place, how)
    with pytest.raises(NotApprovedError, match="not approved, or has ended"):
        place.run()
    assert place.fills() == []


def test_A8_a_revocation_undone_in_the_store_while_trading_still_winds_it_down(
    signed: Place, tmp_path: Path
) -> None:
    place = signed.copy(tmp_path)
    fills = 0

    def revoke_after_two(reached: str) -> None:
        nonlocal fills
        fills += reached == "after_fill"
        if reached == "after_fill" and fills == 2:
            say_no(place, "revoke")

    assert place.run(faults=revoke_after_two).state == "wound_down"
    assert len(place.fills()) == 2


def test_A8_a_gateway_does_not_start_on_a_server_journal_that_breaks(
    signed: Place, tmp_path: Path
) -> None:
    place = signed.copy(tmp_path)
    say_no(place, "revoke")
    tamper(place.home.journal_db, "UPDATE entries SET body = '{}' WHERE seq = 2")
    with pytest.raises(TamperedError, match="does not hold"):
        place.run()
    assert place.fills() == []


def test_L4_an_order_sent_after_its_revocation_is_a_fault(desk: Homes, say: Say) -> None:
    request = approved(desk)
    desk.queue.revoke(request.request_id, SAM, "odd fills")
    desk.trade(request)
    code, fields = say("audit", "verify")
    assert code == 1
    assert [text.split(": ")[1].split(" after")[0] for text in fields["orphans"]] == [
        "an approval was used",
        f"order `{ORDER}` was sent",
    ]
    assert say("audit", "prove", ORDER)[1]["is_proven"] is False


def test_L4_an_order_sent_before_its_revocation_or_refused_after_it_is_no_fault(
    desk: Homes, say: Say
) -> None:
    request = approved(desk)
    desk.trade(request)
    desk.gateway_event("order.intent", request, client_order_id="af-2")
    desk.queue.revoke(request.request_id, SAM, "odd fills")
    desk.gateway_event("order.sent", request, client_order_id="af-2")
    desk.gateway_event("order.rejected", request, client_order_id="af-2", by="gateway")
    assert say("audit", "verify")[0] == 0
    assert say("audit", "prove", ORDER)[1]["is_proven"] is True


def verified(place: Place, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    homes_of = ["--home", str(place.home.root), "--gateway-home", str(place.gateway_home)]
    code = run_command(["audit", "verify", "--json", *homes_of])
    said = json.loads(capsys.readouterr().out)
    # The keys of these homes were put in place by hand.
    return code, [text for text in said["orphans"] if "as it was enrolled" not in text] + [
        fault for item in said["journals"].values() for fault in item["faults"]
    ]


@pytest.fixture(scope="module")
def traded(signed: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = signed.copy(tmp_path_factory.mktemp("traded"))
    assert place.run().state == "finished"
    return place


@pytest.mark.parametrize("kept", [5, 40])
def test_L4_a_gateway_journal_whose_end_was_cut_is_held_against_the_ledger(
    traded: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], kept: int
) -> None:
    place = traded.copy(tmp_path)
    assert verified(place, capsys)[1] == []
    tamper(Home(place.gateway_home).journal_db, f"DELETE FROM entries WHERE seq > {kept}")
    code, faults = verified(place, capsys)
    assert code == 1
    assert any("is missing from the journal" in fault for fault in faults)
    assert any("has no intent in the journal" in fault for fault in faults)


def test_L4_a_ledger_whose_journal_is_gone_is_a_fault(
    traded: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = traded.copy(tmp_path)
    for file in Home(place.gateway_home).journal_db.parent.glob("journal.db*"):
        file.unlink()
    code, faults = verified(place, capsys)
    assert code == 1
    assert "gateway ledger: it has rows, and there is no gateway journal" in faults
    assert any("the use of approval" in fault for fault in faults)


def test_L4_a_kill_that_the_journal_does_not_tell_is_a_fault(tmp_path: Path) -> None:
    made = World(tmp_path)
    running = made.open()
    assert running.parts is not None
    running.parts.kills.record([Kill(Level.STOP_NEW, GLOBAL)], "human:ana", "drill")
    running.close()
    journal = Home(made.home).journal_db
    assert list(ledger_faults(made.home, journal)) == []
    tamper(journal, "DELETE FROM entries WHERE kind = 'kill.set'")
    with sqlite3.connect(made.home / "gateway.db") as db:
        db.execute("UPDATE outbox SET journal_seq = 1 WHERE kind = 'kill.set'")
    assert "gateway ledger: the kill STOP_NEW of global is not in the journal" in list(
        ledger_faults(made.home, journal)
    )


def test_L3_a_revocation_cut_off_the_servers_journal_shows(desk: Homes, say: Say) -> None:
    request = desk.ask()
    size = desk.journal.size()
    assert say("approvals", "revoke", request.request_id, "--reason", "odd fills")[0] == 0
    assert say("audit", "verify")[0] == 0
    desk.journal.close()
    tamper(desk.home.journal_db, f"DELETE FROM entries WHERE seq > {size}")
    code, fields = say("audit", "verify")
    assert code == 1
    assert fields["journals"]["server"]["faults"]


def test_L3_the_gateway_anchors_the_servers_journal_at_its_start_and_end(
    traded: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = traded.copy(tmp_path)
    points = read_checkpoints(place.gateway_home / "audit" / CHECKPOINTS)
    last = verify(place.home.journal_db)
    assert len(points) >= 3
    assert (points[-1].entries, points[-1].head) == (last.entries, last.head)
    tamper(place.home.journal_db, f"DELETE FROM entries WHERE seq = {last.entries}")
    code, faults = verified(place, capsys)
    assert code == 1
    assert any("checkpoint" in fault for fault in faults)
    with pytest.raises(TamperedError, match="checkpoint"):
        place.run()


def test_L3_audit_verify_says_when_nothing_anchors_the_end(
    desk: Homes, capsys: pytest.CaptureFixture[str]
) -> None:
    approved(desk)
    assert run_command(["audit", "verify", *desk.flags()]) == 0
    assert "the end of the server journal is not anchored" in capsys.readouterr().out
