"""The gateway as a process of its own, on a strategy that was run, planned and signed for real."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.clock import SystemClock, from_text
from alphaforge.core.errors import AlphaForgeError, InvalidInputError, RefusedError
from alphaforge.core.home import Home
from alphaforge.core.ids import RandomIds
from alphaforge.core.principals import Kind, Principal, Stage
from alphaforge.execution.approval import NotApprovedError
from alphaforge.execution.summary import Summary
from alphaforge.policies.approvals import Message
from alphaforge.policies.plan import plan_from_json
from alphaforge.runs.deployments import State
from alphaforge.server import gateway_house
from alphaforge.server.cli import run_command
from alphaforge.server.gateway import run_gateway, start_request
from alphaforge.server.gateway_house import House, Wish, check_homes, checked_venue
from alphaforge.server.gateway_replay import Span
from alphaforge.server.keyfiles import save_keyring
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.humans import PAM, RIK, Human, message_for, ring
from alphaforge.tests.tool_lab import LIMITS, copied, environment, fields
from alphaforge.tools.lab import Lab

SERVICE = Principal("service:gateway", Kind.SERVICE, frozenset({"gateway"}))
BOSS = Principal("human:boss", Kind.HUMAN, frozenset({"pm", "risk"}))
BARS = 10


@dataclass(frozen=True)
class Place:
    """A server home with a plan, and the gateway's own home."""

    folder: Path
    plan: Mapping[str, Any]
    first_bar: datetime

    @property
    def home(self) -> Home:
        return Home(self.folder / "home", KERNEL_CACHE)

    @property
    def gateway_home(self) -> Path:
        return self.folder / "gateway"

    def house(self) -> House:
        return House(self.home, self.gateway_home, SystemClock(), RandomIds(), SERVICE)

    def run(self, **wish: Any) -> Summary:
        span = Span(self.first_bar, BARS)
        return run_gateway(self.house(), Wish("sim-main", span=span, **wish), lambda _line: None)

    def process(self, *words: str) -> "subprocess.CompletedProcess[str]":
        start = ("--replay-from", self.first_bar.isoformat(), "--bars", str(BARS))
        homes = ("--home", str(self.home.root), "--gateway-home", str(self.gateway_home))
        return subprocess.run(
            [sys.executable, "-m", "alphaforge", "gateway", *start, *homes, "--json", *words],
            capture_output=True,
            text=True,
            timeout=60,
            env=environment(),
            check=False,
        )

    def fills(self) -> list[tuple[Any, ...]]:
        path = self.gateway_home / "venues" / "sim" / "sim-main.db"
        if not path.exists():
            return []
        with sqlite3.connect(path) as db:
            return list(db.execute("SELECT * FROM fills ORDER BY number"))

    def copy(self, folder: Path) -> "Place":
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return replace(self, folder=folder)

    def change(self, sql: str, *values: object) -> None:
        with sqlite3.connect(self.home.control_db) as db:
            assert db.execute(sql, values).rowcount == 1


def sign(lab: Lab, keyring: Any, request_id: str, human: Human) -> None:
    request = lab.approvals.get(request_id)
    message: Message = message_for(
        request.plan,
        request_id=request_id,
        at=lab.clock.now(),
        decide_by=request.decide_by,
        run_until=request.run_until,
        journal_head=lab.approvals.journal_head(),
    )
    lab.approvals.attach(
        request_id, human.sign(message), reason="the drawdown fits the budget", keyring=keyring
    )


def place_at(folder: Path, stage: str, *signers: Human) -> Place:
    """Deploy the first run of the filled home, signed by these humans."""
    lab, filled = copied(folder)
    plan = fields(lab, "deploy", id=filled.first["experiment_id"], stage=stage, limits=LIMITS)
    keyring = ring(PAM, RIK, is_demo=True, at=lab.clock.now())
    (folder / "gateway").mkdir(mode=0o700)
    save_keyring(folder / "gateway", keyring)
    for human in signers:
        sign(lab, keyring, plan["request_id"], human)
    card = lab.lake.card("sim")
    for store in (lab.experiments, lab.runs, lab.approvals, lab.deployments, lab.journal):
        store.close()
    first = from_text(card.start).timestamp() + 400 * card.bar_seconds
    return Place(folder, plan, datetime.fromtimestamp(first, from_text(card.start).tzinfo))


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return place_at(tmp_path_factory.mktemp("signed"), "live", PAM, RIK)


@pytest.fixture(scope="module")
def untroubled(signed: Place, tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = signed.copy(tmp_path_factory.mktemp("untroubled"))
    assert place.run().state == "finished"
    return place


@pytest.mark.slow
@pytest.mark.parametrize("point", ["after_consume", "after_send:2", "before_ack:3", "after_fill:4"])
def test_T3_a_process_killed_for_real_leaves_nothing_lost_or_doubled(
    signed: Place, untroubled: Place, tmp_path: Path, point: str
) -> None:
    place = signed.copy(tmp_path)
    assert place.process("--crash-at", point).returncode == -signal.SIGKILL
    assert place.run().state == "finished"
    assert place.fills() == untroubled.fills() != []


@pytest.mark.slow
def test_T9_the_process_trades_the_signed_plan_and_says_how_it_ended(
    signed: Place, untroubled: Place, tmp_path: Path
) -> None:
    place = signed.copy(tmp_path)
    done = place.process()
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["state"] == "finished"
    assert said["bars"] == BARS
    assert said["deployment_id"] == place.plan["deployment_id"]
    assert said["plan_hash"] == place.plan["plan_hash"]
    assert said["fills"] == len(place.fills()) > 0
    assert place.fills() == untroubled.fills()
    assert "resumed: reconciled" in done.stderr
    again = place.process()
    assert json.loads(again.stdout)["fills"] == said["fills"], "the same bars were traded twice"


@pytest.mark.parametrize("signers", [(), (PAM,), (RIK,)], ids=["nobody", "pm alone", "risk alone"])
def test_A1_a_plan_without_its_quorum_does_not_trade(
    tmp_path: Path, signers: tuple[Human, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    place = place_at(tmp_path, "live", *signers)
    with pytest.raises(NotApprovedError):
        place.run()
    homes = ["--home", str(place.home.root), "--gateway-home", str(place.gateway_home)]
    assert run_command(["gateway", *homes, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "AF402"
    assert place.fills() == []


def test_A17_a_row_that_says_approved_is_not_an_approval(tmp_path: Path) -> None:
    place = place_at(tmp_path, "live")
    place.change("UPDATE approvals SET state = 'approved'")
    place.change("UPDATE deployments SET state = 'approved'")
    with pytest.raises(NotApprovedError, match="signatures are missing"):
        place.run()
    assert not start_request(place.house(), Wish("sim-main"), BOSS).facts["quorum_is_met"]


RICHER = """UPDATE approvals
    SET plan = CAST(replace(CAST(plan AS TEXT), '"10000"', '"11000"') AS BLOB)"""
TURNED = """UPDATE approval_votes SET signed = replace(signed, 'approve', 'reject')
    WHERE human = 'pam'"""
TAMPERED = {
    "the text": ("UPDATE deployments SET text = 'rank(returns(close, 24h))'", "AF731"),
    "the plan": (RICHER, "AF730"),
    "the hash": ("UPDATE approvals SET plan_hash = plan_hash || '0'", "AF730"),
    "the signatures": (TURNED, "AF730"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_A4_a_server_database_that_was_changed_cannot_make_the_gateway_trade(
    signed: Place, tmp_path: Path, what: str
) -> None:
    place = signed.copy(tmp_path)
    sql, code = TAMPERED[what]
    place.change(sql)
    with pytest.raises(AlphaForgeError) as caught:
        place.run()
    assert caught.value.code == code, caught.value.message
    assert place.fills() == []


def test_A11_a_key_that_was_revoked_no_longer_counts(signed: Place, tmp_path: Path) -> None:
    place = signed.copy(tmp_path)
    save_keyring(place.gateway_home, ring(PAM, is_demo=True))
    with pytest.raises(NotApprovedError, match="missing"):
        place.run()


def test_A8_a_stopped_deployment_does_not_trade(
    signed: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = signed.copy(tmp_path)
    homes = ["--home", str(place.home.root), "--gateway-home", str(place.gateway_home)]
    name = str(place.plan["deployment_id"])
    assert run_command(["deployments", "stop", name, "--json", *homes]) == 0
    capsys.readouterr()
    with pytest.raises(AlphaForgeError):
        place.run(deployment_id=name)
    assert place.fills() == []


def test_A8_stopping_it_while_it_runs_winds_it_down(signed: Place, tmp_path: Path) -> None:
    place = signed.copy(tmp_path)
    fills = 0

    def stop_after_two(reached: str) -> None:
        nonlocal fills
        fills += reached == "after_fill"
        if reached == "after_fill" and fills == 2:
            place.change("UPDATE deployments SET state = 'stopping'")

    after = place.run(faults=stop_after_two)
    assert after.state == "wound_down"
    assert len(place.fills()) == 2
    with sqlite3.connect(place.home.control_db) as db:
        [[state]] = db.execute("SELECT state FROM deployments")
    assert state == State.STOPPED


def test_a_paper_deployment_trades_the_simulated_venue_unsigned(tmp_path: Path) -> None:
    place = place_at(tmp_path, "paper")
    assert place.run().state == "finished"
    assert place.fills()


def test_decision_13_the_two_homes_are_apart(signed: Place) -> None:
    inside = signed.home.root / "gateway"
    for gateway_home in (signed.home.root, inside, signed.folder):
        with pytest.raises(InvalidInputError, match="not apart"):
            check_homes(replace(signed.house(), gateway_home=gateway_home))
    check_homes(signed.house())


def test_decision_13_a_real_venue_needs_an_os_user_of_its_own(
    signed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = signed.house()
    with sqlite3.connect(signed.home.control_db) as db:
        [[body]] = db.execute("SELECT plan FROM approvals")
    plan = plan_from_json(bytes(body))
    assert checked_venue(house, plan).is_simulated
    real = replace(checked_venue(house, plan), name="real", is_simulated=False)
    monkeypatch.setattr(gateway_house, "venue_kind", lambda _name: real)
    with pytest.raises(RefusedError) as caught:
        checked_venue(house, plan)
    assert caught.value.rule_ids == ("users_apart",)
    with pytest.raises(RefusedError) as caught:
        checked_venue(house, replace(plan, stage=Stage.PAPER))
    assert caught.value.rule_ids == ("unsigned_stages_are_simulated",)


def test_G1_a_gateway_home_that_others_may_enter_is_refused(signed: Place, tmp_path: Path) -> None:
    place = signed.copy(tmp_path)
    place.gateway_home.chmod(0o755)
    with pytest.raises(InvalidInputError, match="open to others"):
        place.run()


def test_the_signals_of_the_gateway_are_those_of_research(signed: Place) -> None:
    import numpy as np

    from alphaforge.engine.backtest import backtest
    from alphaforge.server.gateway_load import load_text

    with sqlite3.connect(signed.home.control_db) as db:
        [[body, text]] = db.execute("SELECT plan, text FROM approvals")
    plan = plan_from_json(bytes(body))
    load = load_text(text, plan, signed.home, Home(signed.gateway_home), SystemClock())
    whole = backtest(load.strategy, load.panel, load.signals.evaluator)
    for row in whole.decisions[5:40:7]:
        found = load.signals(int(load.panel.times[row]))
        expected = whole.weights[row]
        got = [float(found.get(symbol, 0)) for symbol in load.panel.symbols]
        assert np.array_equal(np.array(got), expected)
