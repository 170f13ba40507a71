"""The kill switch: durable at once, above everything, cleared by two humans alone."""

import json
import sqlite3
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.errors import BrokenError, ConflictError, InvalidInputError, RefusedError
from alphaforge.core.journal import Journal
from alphaforge.execution.faults import no_faults
from alphaforge.execution.kill import KillSwitch
from alphaforge.execution.kill_file import (
    Kill,
    Level,
    add_to_kill_file,
    read_kill_file,
    scope_of,
    write_kill_file,
)
from alphaforge.execution.ledger import Ledger
from alphaforge.execution.order import Order, OrderType, Side, TimeInForce
from alphaforge.policies.keyring import KeySignature
from alphaforge.policies.signing import key_id, public_hex, sign
from alphaforge.server.cli import run_command
from alphaforge.server.keyfiles import save_keyring
from alphaforge.tests.gateway_world import ACCOUNT, Human, World

BARS = 4


class Switch:
    """A switch with its ledger, and the humans who may clear it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.journal: Journal = world.journal()
        self.ledger = Ledger(world.home, self.journal, world.clock)
        self.switch = KillSwitch(self.ledger)

    def signatures(self, scope: str, *humans: Human, reason: str = "drill") -> Any:
        clearing = self.switch.clearing(scope, reason)
        return clearing, [
            KeySignature(key_id(public_hex(human.private)), sign(human.private, clearing.message()))
            for human in humans
        ]

    def clear(self, scope: str, *humans: Human) -> tuple[str, ...]:
        clearing, signatures = self.signatures(scope, *humans)
        return self.switch.clear(
            clearing, keyring=self.world.keyring(), signatures=signatures, principal="human:ana"
        )

    def close(self) -> None:
        self.ledger.close()
        self.journal.close()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.fixture
def made(world: World) -> Any:
    switch = Switch(world)
    yield switch
    switch.close()


@pytest.mark.parametrize(
    ("lines", "scopes", "level"),
    [
        ([], [], Level.NONE),
        (["STOP_NEW global"], [], Level.STOP_NEW),
        (["STOP_NEW global", "FLATTEN account:desk1"], ["account:desk1"], Level.FLATTEN),
        (["STOP_NEW global", "FLATTEN account:desk1"], ["account:other"], Level.STOP_NEW),
        (["REDUCE_ONLY instrument:AAAUSDT"], ["instrument:BBBUSDT"], Level.NONE),
        (["CANCEL_ALL deployment:dep_1"], ["deployment:dep_1"], Level.CANCEL_ALL),
    ],
    ids=str,
)
def test_K3_the_highest_level_of_all_scopes_is_in_force(
    made: Switch, lines: list[str], scopes: list[str], level: Level
) -> None:
    kills = [Kill(Level[line.split()[0]], line.split()[1]) for line in lines]
    made.switch.record(kills, "human:ana", "drill")
    assert made.switch.level(scopes) is level
    write_kill_file(made.world.home, kills)
    assert made.switch.level(scopes) is level


@pytest.mark.parametrize("text", ["", "\n", "stop please", "STOP_NEW everywhere", "\xff\xfe"])
def test_K1_a_flag_that_says_nothing_clear_stops_everything(made: Switch, text: str) -> None:
    (made.world.home / "KILL").write_bytes(text.encode("latin-1"))
    assert made.switch.level([]) is Level.CANCEL_ALL


def test_K1_an_empty_flag_does_not_get_weaker_by_a_mild_line(made: Switch) -> None:
    (made.world.home / "KILL").touch()
    add_to_kill_file(made.world.home, Kill(Level.STOP_NEW))
    assert made.switch.level([]) is Level.CANCEL_ALL


def test_K4_a_line_written_by_hand_is_journalled_once_and_outlives_the_file(made: Switch) -> None:
    add_to_kill_file(made.world.home, Kill(Level.REDUCE_ONLY))
    made.switch.absorb()
    made.switch.absorb()
    (made.world.home / "KILL").unlink()
    assert made.switch.level([]) is Level.REDUCE_ONLY
    assert [entry.body["level"] for entry in made.journal.entries(kind="kill.set")] == [
        "REDUCE_ONLY"
    ]


def test_K4_two_humans_clear_it_and_file_and_ledger_both_forget(made: Switch) -> None:
    add_to_kill_file(made.world.home, Kill(Level.FLATTEN))
    assert made.clear("global", *made.world.humans) == ("ana", "ben")
    assert made.switch.level([]) is Level.NONE
    assert read_kill_file(made.world.home) == ()
    [entry] = made.journal.entries(kind="kill.cleared")
    assert entry.body["humans"] == ["ana", "ben"]


def test_K4_one_human_twice_a_stranger_and_a_changed_reason_do_not_clear_it(made: Switch) -> None:
    add_to_kill_file(made.world.home, Kill(Level.STOP_NEW))
    ana, ben = made.world.humans
    with pytest.raises(RefusedError, match="1 of 2"):
        made.clear("global", ana, ana)
    with pytest.raises(RefusedError, match="1 of 2"):
        made.clear("global", ana, Human("eve", "risk"))
    clearing, signatures = made.signatures("global", ana, ben)
    with pytest.raises(RefusedError, match="0 of 2"):
        made.switch.clear(
            replace(clearing, reason="another"),
            keyring=made.world.keyring(),
            signatures=signatures,
            principal="human:ana",
        )
    assert made.switch.level([]) is Level.STOP_NEW


def test_K4_signatures_clear_the_pull_they_were_made_for_and_no_later_one(made: Switch) -> None:
    add_to_kill_file(made.world.home, Kill(Level.STOP_NEW))
    clearing, signatures = made.signatures("global", *made.world.humans)
    made.switch.record([Kill(Level.FLATTEN)], "human:cem", "worse")
    with pytest.raises(ConflictError, match="pulled again"):
        made.switch.clear(
            clearing, keyring=made.world.keyring(), signatures=signatures, principal="human:ana"
        )
    assert made.switch.level([]) is Level.FLATTEN


def test_K4_an_account_that_is_not_reconciled_keeps_it_set(made: Switch) -> None:
    foreign = Order("x1", "AAAUSDT", Side.BUY, Decimal(1), Decimal(90), OrderType.LIMIT)
    running = made.world.open()
    running.venue.observe(next(running.replay().ticks(24)))
    running.venue.place(replace(foreign, time_in_force=TimeInForce.GTC))
    running.close()
    assert made.world.run().state == "halted"
    add_to_kill_file(made.world.home, Kill(Level.STOP_NEW))
    with pytest.raises(ConflictError, match="not reconciled"):
        made.clear("global", *made.world.humans)


def test_K4_clearing_needs_a_reason_and_something_to_clear(made: Switch) -> None:
    with pytest.raises(InvalidInputError, match="nothing is set"):
        made.switch.clearing("global", "drill")
    made.switch.record([Kill(Level.STOP_NEW)], "human:ana", "")
    with pytest.raises(InvalidInputError, match="reason"):
        made.switch.clearing("global", " ")


def pulled_at(world: World, level: Level, point: str) -> Any:
    """Pull the switch by file at the first passing of a fault point."""

    def pull(reached: str) -> None:
        no_faults(reached)
        if reached == point and not read_kill_file(world.home):
            add_to_kill_file(world.home, Kill(level))

    return pull


def sent(world: World) -> list[str]:
    journal = world.journal()
    found = [str(entry.body["client_order_id"]) for entry in journal.entries(kind="order.acked")]
    journal.close()
    return found


@pytest.mark.parametrize("level", [level for level in Level if level])
def test_K2_a_pull_between_journal_and_send_still_stops_the_order(
    world: World, level: Level
) -> None:
    after = world.run(world.bars()[:BARS], faults=pulled_at(world, level, "after_journal"))
    assert sent(world) == []
    orders: Any = after.json()["orders"]
    assert {order["state"] for order in orders} == {"refused"}
    assert {order["reason"] for order in orders} == {f"kill_{level.name.lower()}"}


@pytest.mark.parametrize("level", [Level.STOP_NEW, Level.REDUCE_ONLY])
def test_K5_after_a_pull_positions_only_shrink_and_never_flip(world: World, level: Level) -> None:
    before = world.run(world.bars()[:2])
    held: Any = before.json()["positions"]
    add_to_kill_file(world.home, Kill(level))
    after: Any = world.run().json()
    assert held
    for symbol, qty in after["positions"].items():
        was = Decimal(held.get(symbol, "0"))
        assert Decimal(qty) * was > 0, f"{symbol} flipped or was opened"
        assert abs(Decimal(qty)) <= abs(was)
    assert after["fills"] > before.json()["fills"], "the reductions did not go"


def test_K2_cancel_all_lets_nothing_leave(world: World) -> None:
    world.run(world.bars()[:2])
    count = len(sent(world))
    add_to_kill_file(world.home, Kill(Level.CANCEL_ALL, f"account:{ACCOUNT}"))
    after = world.run()
    assert len(sent(world)) == count
    assert after.json()["positions"]


def test_K2_an_instrument_scope_stops_that_instrument_alone(world: World) -> None:
    add_to_kill_file(world.home, Kill(Level.STOP_NEW, "instrument:AAAUSDT"))
    after = world.run(world.bars()[:2])
    assert set(after.json()["positions"]) == {"BBBUSDT", "CCCUSDT"}  # type: ignore[call-overload]


def test_K7_flatten_closes_everything_in_orders_of_the_allowed_size(world: World) -> None:
    world.run(world.bars()[:2])
    add_to_kill_file(world.home, Kill(Level.FLATTEN))
    after: Any = world.run().json()
    assert after["positions"] == {}
    closing = [order for order in after["orders"] if order["state"] == "filled"][-4:]
    for order in closing:
        worth = Decimal(order["qty"]) * Decimal(order["price"])
        assert worth <= world.limits.max_order_notional * Decimal("1.06")


def test_R22_a_drawdown_pulls_the_switch_and_the_pull_survives_a_restart(tmp_path: Path) -> None:
    tight = World(tmp_path, limits=replace(World(tmp_path).limits, max_drawdown=Decimal("0.0001")))
    after = tight.run()
    assert after.json()["kill_level"] == "STOP_NEW"
    running = tight.open()
    assert running.parts is not None
    level = running.parts.kills.level([f"account:{ACCOUNT}"])
    reasons = [entry.body["reason"] for entry in running.journal.entries(kind="kill.set")]
    running.close()
    assert level is Level.STOP_NEW
    assert reasons == ["R22 drawdown"]


def command(world: World, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    place = ["--home", str(world.folder / "home"), "--gateway-home", str(world.home), "--json"]
    code = run_command(["kill", *words, *place])
    return code, json.loads(capsys.readouterr().out)


def test_K1_the_command_pulls_shows_and_says_what_it_did(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = command(world, capsys, "reduce-only", "--scope", f"account:{ACCOUNT}")
    assert (code, said["level"], said["is_recorded"]) == (0, "REDUCE_ONLY", True)
    code, said = command(world, capsys)
    assert (code, said["level"]) == (0, "REDUCE_ONLY")
    assert said["kills"][0]["scope"] == f"account:{ACCOUNT}"


def test_K1_the_command_works_with_every_database_broken(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.run(world.bars()[:2])
    command(world, capsys)
    for path in [*world.folder.rglob("*.db")]:
        if "venues" not in path.parts:
            for tail in ("-wal", "-shm"):
                path.with_name(path.name + tail).unlink(missing_ok=True)
            path.write_bytes(b"this is no database" * 1000)
    with pytest.raises((BrokenError, sqlite3.DatabaseError)):
        world.run()
    code, said = command(world, capsys, "FLATTEN")
    assert (code, said["level"], said["is_recorded"]) == (0, "FLATTEN", False)
    assert read_kill_file(world.home) == (Kill(Level.FLATTEN),)


def test_K4_the_command_does_not_clear_without_keys(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    command(world, capsys, "STOP_NEW")
    save_keyring(world.home, world.keyring())
    code, said = command(world, capsys, "--clear", "--reason", "drill")
    assert (code, said["code"]) == (1, "AF403")
    assert read_kill_file(world.home)


@pytest.mark.parametrize("scope", ["everything", "account:", "host:x", "account:a b", ""])
def test_K3_an_unknown_scope_is_refused_not_ignored(scope: str) -> None:
    with pytest.raises(InvalidInputError):
        scope_of(scope)
