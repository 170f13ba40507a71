"""Ledger against venue: equal goes on by itself, a difference waits for a human (G4)."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.principals import Kind, Principal
from alphaforge.execution.gateway import Adoption
from alphaforge.execution.order import Order, Side, TimeInForce
from alphaforge.tests.gateway_world import HISTORY, Crash, World, crash_at

D = Decimal
FOREIGN = Order("x1", "AAAUSDT", Side.BUY, D(3), D(500))
RESTING = replace(FOREIGN, price=D(50), time_in_force=TimeInForce.GTC)
PAM = Principal("human:pam", Kind.HUMAN, frozenset({"pm"}))
AGENT = Principal("agent:claude", Kind.AGENT, frozenset({"agent"}), sponsor="human:pam")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def meddle(world: World, *orders: Order) -> None:
    """Trade on the account behind the gateway's back."""
    running = world.open()
    running.venue.observe(next(running.replay().ticks(HISTORY + 2)))
    for order in orders:
        running.venue.place(order)
    running.close()


def kinds(world: World) -> list[str]:
    journal = world.journal()
    found = [entry.kind for entry in journal.entries(limit=10_000)]
    journal.close()
    return found


def test_G4_a_clean_account_under_a_valid_approval_resumes_by_itself(world: World) -> None:
    first = world.run(world.bars()[:2])
    second = world.run(world.bars()[:4])
    assert (first.state, second.state) == ("finished", "finished")
    told = kinds(world)
    assert told.count("gateway.resumed") == 2
    assert "reconcile.difference" not in told
    resumed = told.index("gateway.resumed")
    assert told.index("reconcile.clean") < resumed < told.index("order.intent")


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ([RESTING], "open order `x1`"),
        ([FOREIGN], "is not ours"),
        ([FOREIGN, replace(FOREIGN, client_order_id="x2", side=Side.SELL, price=D(9))], "x1"),
    ],
    ids=["open order", "position", "round trip"],
)
def test_G4_what_somebody_else_did_keeps_the_gateway_halted(
    world: World, orders: list[Order], words: str
) -> None:
    world.run(world.bars()[:2])
    count = kinds(world).count("order.sent")
    meddle(world, *orders)
    after: Any = world.run()
    assert after.state == "halted"
    assert words in "; ".join(after.json()["differences"])
    told = kinds(world)
    assert told.count("order.sent") == count
    assert told[-2:] == ["reconcile.difference", "gateway.halted"]


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("UPDATE positions SET qty = '1' WHERE symbol = 'AAAUSDT'", "position AAAUSDT"),
        ("DELETE FROM positions WHERE symbol = 'AAAUSDT'", "position AAAUSDT"),
        ("UPDATE account SET cash = '99000'", "cash"),
    ],
    ids=str,
)
def test_G4_a_venue_that_remembers_otherwise_keeps_the_gateway_halted(
    world: World, sql: str, words: str
) -> None:
    world.run(world.bars()[:2])
    venue = world.venue()
    venue._connection.execute(sql)
    venue.close()
    after: Any = world.run()
    assert after.state == "halted"
    assert words in after.json()["differences"][0]


def test_G4_an_order_that_filled_while_the_gateway_was_down_is_no_difference(
    world: World,
) -> None:
    with pytest.raises(Crash):
        world.run(faults=crash_at("after_send"))
    after = world.run(world.bars()[:2])
    assert after.state == "finished"
    assert kinds(world).count("order.unknown") == 1


def test_G4_a_fresh_ledger_on_a_used_account_does_not_trade_it(tmp_path: Path) -> None:
    used = World(tmp_path)
    used.run(used.bars()[:2])
    for path in used.home.glob("gateway.db*"):
        path.unlink()
    assert used.run().state == "halted"


def test_R25_a_fill_that_somebody_else_makes_meanwhile_halts_everything(world: World) -> None:
    running = world.open()

    def meddle_once(reached: str) -> None:
        if reached == "after_intent" and not running.venue.fills(0):
            running.venue.place(FOREIGN)

    running.change(faults=meddle_once)
    after = running.gateway().run(world.bars())
    sent = running.journal.entries(kind="order.sent")
    running.close()
    assert after.state == "halted"
    assert "is not ours" in after.reason
    assert len(sent) <= 1


def test_R26_a_position_that_moves_by_itself_trips_the_switch(world: World) -> None:
    running = world.open()

    def drift(reached: str) -> None:
        if reached == "after_intent":
            sql = "INSERT OR REPLACE INTO positions VALUES ('AAAUSDT', '7')"
            running.venue._connection.execute(sql)

    running.change(faults=drift)
    after = running.gateway().run(world.bars()[:2])
    running.close()
    assert after.json()["kill_level"] == "STOP_NEW"
    assert after.state == "halted"


def test_G4_a_human_may_take_the_venues_word_and_answers_for_it(world: World) -> None:
    world.run(world.bars()[:2])
    meddle(world, FOREIGN)
    assert world.run().state == "halted"
    after: Any = world.run(adoption=Adoption(PAM, "closed by hand"))
    assert after.state == "finished"
    assert after.json()["differences"] == []
    journal = world.journal()
    [entry] = journal.entries(kind="reconcile.adopted")
    journal.close()
    assert entry.principal == PAM.id
    assert entry.body["reason"] == "closed by hand"


def test_G4_an_agent_may_not_take_the_venues_word(world: World) -> None:
    world.run(world.bars()[:2])
    meddle(world, FOREIGN)
    after = world.run(adoption=Adoption(AGENT, "trust me"))
    assert after.state == "halted"
    assert "AF403" in after.reason
    assert world.run().state == "halted"


def test_G4_a_foreign_order_that_still_rests_is_not_adopted_away(world: World) -> None:
    meddle(world, RESTING)
    assert world.run(adoption=Adoption(PAM, "never mind")).state == "halted"


def test_the_cash_of_the_ledger_is_the_venues_to_the_last_digit(world: World) -> None:
    after: Any = world.run()
    running = world.open()
    assert running.parts is not None
    ours = running.parts.fills.cash()
    paid = running.ledger.rows("SELECT COUNT(*) AS count FROM payments")[0]["count"]
    running.close()
    assert paid > 0, "no funding settled, so nothing was shown"
    assert str(ours) == after.json()["cash"]
