"""What a server's owner could undo by editing files, and no longer can."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.core.errors import TamperedError
from alphaforge.core.ids import RandomIds
from alphaforge.core.journal import Journal
from alphaforge.execution.approval import NotApprovedError
from alphaforge.policies.approvals import Answer
from alphaforge.runs.approvals import Approvals
from alphaforge.server.cli import run_command
from alphaforge.tests.approved_home import ORDER, Homes, approved, homes
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
