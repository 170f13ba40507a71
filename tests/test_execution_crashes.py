"""The crash matrix: a process dies at every point, and nothing is lost or doubled (G2, G11, T3)."""

from collections import Counter
from pathlib import Path

import pytest

from alphaforge.core.canonical import decimal_text
from alphaforge.core.home import Home
from alphaforge.core.journal import verify
from alphaforge.execution.faults import POINTS, VenueFault
from alphaforge.execution.outcome import Outcome
from alphaforge.execution.sender import Sender
from alphaforge.execution.summary import Summary
from alphaforge.tests.gateway_world import HISTORY, Crash, Human, World, crash_at

BARS = 4
HUMANS = (Human("ana", "pm"), Human("ben", "risk"))


def world(folder: Path) -> World:
    return World(folder, humans=HUMANS)


def run(made: World, **how: object) -> Summary:
    return made.run(made.bars()[:BARS], **how)


def story(made: World) -> dict[str, object]:
    """Return what the exchange knows, which no gateway can embellish."""
    venue = made.venue()
    try:
        fills = [
            (fill.client_order_id, fill.symbol, fill.side, fill.qty, fill.price, fill.at)
            for fill in venue.fills(0)
        ]
        return {
            "fills": fills,
            "positions": venue.positions(),
            "cash": decimal_text(venue.balance().cash),
            "funding": [(item.symbol, item.amount) for item in venue.payments(0)],
        }
    finally:
        venue.close()


@pytest.fixture(scope="module")
def untroubled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    made = world(tmp_path_factory.mktemp("untroubled"))
    assert run(made).state == "finished"
    return story(made)


def times_of(point: str) -> list[int]:
    """Die at the first passing, and where an order is half done at a later one too."""
    return [1, 4] if point in {"after_journal", "after_send", "before_fill"} else [1]


CASES = [(point, time) for point in POINTS for time in times_of(point)]


@pytest.mark.parametrize(("point", "time"), CASES, ids=str)
def test_T3_a_restart_after_a_crash_ends_where_an_untroubled_run_ends(
    tmp_path: Path, untroubled: dict[str, object], point: str, time: int
) -> None:
    made = world(tmp_path)
    with pytest.raises(Crash):
        run(made, faults=crash_at(point, time))
    after = run(made)
    assert after.state == "finished", after.reason
    assert story(made) == untroubled
    journal = made.journal()
    entries = journal.entries(limit=10_000)
    journal.close()
    assert verify(Home(made.home).journal_db).is_ok
    kinds = Counter(entry.kind for entry in entries)
    assert kinds["approval.consumed"] == 1
    for kind in ("order.intent", "order.filled"):
        named = Counter(
            (entry.body["client_order_id"], entry.body.get("number"))
            for entry in entries
            if entry.kind == kind
        )
        assert set(named.values()) == {1}, f"{kind} is told twice"


def test_T3_a_gateway_that_dies_at_every_single_step_still_arrives(
    tmp_path: Path, untroubled: dict[str, object]
) -> None:
    made = world(tmp_path)
    crashes = 0
    for point in (point for point in POINTS for _ in range(2)):
        try:
            run(made, faults=crash_at(point))
        except Crash:
            crashes += 1
    assert run(made).state == "finished"
    assert crashes > len(POINTS)
    assert story(made) == untroubled


@pytest.mark.parametrize("fault", [VenueFault.LOSE_ACK, VenueFault.SERVER_ERROR])
def test_G3_an_order_whose_answer_was_lost_is_found_and_not_sent_again(
    tmp_path: Path, untroubled: dict[str, object], fault: VenueFault
) -> None:
    made = world(tmp_path)
    seen: Counter[str] = Counter()

    def faults(client_order_id: str, attempt: int) -> VenueFault | None:
        seen[client_order_id] = attempt
        return fault if len(seen) % 2 else None

    after = run(made, venue_faults=faults)
    assert after.state == "finished"
    assert story(made) == untroubled
    assert set(seen.values()) == {1}, "an order was sent more than once"


def test_G3_a_request_that_never_arrived_goes_again_under_the_same_id(
    tmp_path: Path, untroubled: dict[str, object]
) -> None:
    made = world(tmp_path)
    attempts: Counter[str] = Counter()

    def faults(client_order_id: str, attempt: int) -> VenueFault | None:
        attempts[client_order_id] = attempt
        return VenueFault.LOSE_REQUEST if attempt == 1 else None

    after = run(made, venue_faults=faults)
    assert after.state == "finished"
    assert set(attempts.values()) == {2}
    expected = {fill[0] for fill in untroubled["fills"]}  # type: ignore[attr-defined]
    assert set(attempts) == expected, "an order went out under another id"


def test_G3_nothing_adds_risk_while_an_order_of_the_instrument_is_unknown(tmp_path: Path) -> None:
    made = world(tmp_path)
    with pytest.raises(Crash):
        run(
            made,
            faults=crash_at("before_ack"),
            venue_faults=lambda _id, _attempt: VenueFault.LOSE_ACK,
        )
    running = made.open()
    parts = running.parts
    assert parts is not None
    tick = next(running.replay().ticks(HISTORY))
    running.venue.observe(tick)
    [decision] = parts.orders.unfinished(parts.deployment.id)
    unknown, same, other, _ = parts.orders.of(decision)
    assert unknown.state == "unknown"
    assert unknown.intent.symbol == same.intent.symbol != other.intent.symbol
    sender = Sender(parts, Outcome(parts))
    sender.send(same, decision, tick)
    sender.send(other, decision, tick)
    states = [row.state for row in parts.orders.of(decision)[1:3]]
    running.close()
    assert states == ["new", "filled"]


def test_G3_an_order_that_never_arrives_is_given_up_with_its_decision(tmp_path: Path) -> None:
    made = world(tmp_path)
    attempts: Counter[str] = Counter()

    def faults(client_order_id: str, attempt: int) -> VenueFault | None:
        attempts[client_order_id] = attempt
        return VenueFault.LOSE_REQUEST

    after = made.run(made.bars()[:2], venue_faults=faults)
    assert max(attempts.values()) == 3
    assert not story(made)["fills"]
    reasons = {str(order["reason"]) for order in after.json()["orders"]}  # type: ignore[attr-defined]
    assert "stale_decision" in reasons <= {"stale_decision", "price_collar"}


@pytest.mark.parametrize("point", ["after_send", "before_fill", "after_journal"])
def test_G11_a_crash_and_a_lost_answer_together_double_nothing(
    tmp_path: Path, untroubled: dict[str, object], point: str
) -> None:
    made = world(tmp_path)

    def faults(client_order_id: str, attempt: int) -> VenueFault | None:  # noqa: ARG001
        return VenueFault.LOSE_ACK if client_order_id < "af_8" else None

    with pytest.raises(Crash):
        run(made, faults=crash_at(point, 2), venue_faults=faults)
    assert run(made, venue_faults=faults).state == "finished"
    assert story(made) == untroubled


def test_T9_the_plain_path_accounts_for_every_fill(tmp_path: Path) -> None:
    made = world(tmp_path)
    after = made.run()
    assert after.state == "finished"
    told = after.json()
    fills = story(made)["fills"]
    assert isinstance(fills, list)
    assert told["fills"] == len(fills) > 20
    assert told["differences"] == []
    assert told["bars"] == len(made.panel.times) - HISTORY
    orders = told["orders"]
    assert isinstance(orders, list)
    assert {order["state"] for order in orders} == {"filled"}
