"""The risk table: each row lets the plain order pass, and stops what it names."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.instruments import Instrument
from alphaforge.execution.kill_file import Level
from alphaforge.execution.order import Order, Side
from alphaforge.execution.quote import Quote
from alphaforge.execution.risk_input import (
    Account,
    Counters,
    Exposure,
    RiskInput,
    SentOrder,
    Timing,
)
from alphaforge.execution.risk_row import MISSING
from alphaforge.execution.risk_table import ERROR, assess, facts_from_json, facts_json, rows
from alphaforge.policies.limits import Limits
from alphaforge.tests.gateway_world import World

D = Decimal
NOW = datetime(2025, 10, 10, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ORDER = Order("af_1", "BTCUSDT", Side.BUY, D("0.01"), D(100_500))
CONTRACT = Instrument("sim", "BTCUSDT", D("0.1"), D("0.001"), D("0.001"), D(100), D(5))
QUOTE = Quote(
    "BTCUSDT", NOW, D(100_000), D(100_010), D(99_990), D(100_010), D(5), D(5), D(1_000_000_000)
)
LIMITS = Limits(
    capital=D(10_000),
    max_order_notional=D(2_500),
    max_gross=D(12_000),
    max_leverage=D(2),
    max_daily_loss=D(500),
    max_drawdown=D("0.2"),
)
FACTS = RiskInput(
    order=ORDER,
    limits=LIMITS,
    allowed=("BTCUSDT", "ETHUSDT"),
    restricted=(),
    settle="USDT",
    margin_mode="cross",
    position_mode="one_way",
    instrument=CONTRACT,
    quote=QUOTE,
    exposures=(),
    account=Account(D(10_000), "cross", "one_way", D(10_000), D(10_000), D(0)),
    counters=Counters(0, 0, 0, 0, 0),
    recent=(),
    is_intent_new=True,
    timing=Timing(NOW, NOW, NOW - SECOND, NOW + SECOND, NOW, NOW, 0, D(0)),
    position_at=NOW,
    venue_position=D(0),
    kill_level=Level.NONE,
)
LONG = Exposure("BTCUSDT", D("0.05"), D(0), D(0), D(100_000))
SHORT = replace(LONG, position=D("-0.05"))
TWIN = SentOrder("af_2", "BTCUSDT", Side.BUY, D("0.01"), D(100_500), is_slice=False)


def order(**changes: Any) -> RiskInput:
    return replace(FACTS, order=replace(ORDER, **changes))


def part(name: str, **changes: Any) -> RiskInput:
    return replace(FACTS, **{name: replace(getattr(FACTS, name), **changes)})


def holding(exposure: Exposure, **changes: Any) -> RiskInput:
    return replace(order(**changes), exposures=(exposure,), venue_position=exposure.position)


REJECTED = [
    ("R1", "not_finite", order(qty=D("NaN"))),
    ("R1", "not_finite", order(price=D("Infinity"))),
    ("R1", "not_positive", order(qty=D(0))),
    ("R1", "not_positive", order(price=D(-1))),
    ("R1", "off_grid", order(qty=D("0.0105"))),
    ("R1", "off_grid", order(price=D("100500.05"))),
    ("R2", "not_in_plan", replace(FACTS, allowed=("ETHUSDT",))),
    ("R2", "restricted", replace(FACTS, restricted=("BTCUSDT",))),
    ("R2", "not_trading", part("instrument", is_trading=False)),
    ("R2", "wrong_settle", part("instrument", settle="USDC")),
    ("R3", "order_qty", part("instrument", qty_max=D("0.009"))),
    ("R3", "order_qty", part("limits", max_order_qty=D("0.009"))),
    ("R3", "order_qty_small", part("instrument", qty_min=D("0.02"))),
    ("R4", "order_notional", order(qty=D("0.026"))),
    ("R4", "volume_share", part("quote", volume_day=D(99_999))),
    ("R5", "price_collar", order(price=D("105000.1"))),
    ("R5", "price_collar", order(price=D("89999.9"))),
    ("R5", "price_collar", order(side=Side.SELL, price=D("94999.9"))),
    ("R5", "index_divergence", part("quote", index=D(97_000))),
    ("R7", "stale_market", part("quote", at=NOW - 3 * SECOND)),
    ("R7", "stale_position", replace(FACTS, position_at=NOW - 6 * SECOND)),
    ("R7", "broken_book", part("quote", bid=D(100_020))),
    ("R7", "broken_book", part("quote", ask=D(0))),
    ("R8", "stale_decision", part("timing", decided_at=NOW - 301 * SECOND)),
    ("R8", "stale_decision", part("timing", decided_at=NOW + SECOND)),
    ("R8", "stale_signal", part("timing", signal_at=NOW - 301 * SECOND)),
    ("R9", "max_position", part("limits", max_position_notional=D(999))),
    ("R9", "max_position", holding(replace(LONG, position=D(0), buying=D("0.115")))),
    ("R10", "max_gross", holding(replace(LONG, symbol="ETHUSDT", position=D("0.115")))),
    ("R10", "max_gross", holding(replace(LONG, symbol="ETHUSDT", position=D("-0.115")))),
    ("R10", "max_net", part("limits", max_net=D(999))),
    ("R11", "max_leverage", part("account", equity=D(499))),
    ("R11", "max_leverage", part("account", equity=D(-1))),
    ("R11", "account_mode", part("account", margin_mode="isolated")),
    ("R11", "account_mode", part("account", position_mode="hedge")),
    ("R13", "concentration", part("limits", max_concentration=D("0.05"))),
    ("R14", "order_rate_second", part("counters", last_second=10)),
    ("R14", "order_rate_minute", part("counters", last_minute=120)),
    ("R14", "order_rate_day", part("counters", last_day=20_000)),
    ("R17", "intent_sent", replace(FACTS, is_intent_new=False)),
    ("R17", "duplicate", replace(FACTS, recent=(TWIN,))),
    ("R17", "duplicate", replace(order(is_slice=True), recent=(TWIN,))),
    ("R19", "open_orders", part("counters", open_orders=100)),
    ("R20", "reduce_only", replace(FACTS, kill_level=Level.STOP_NEW)),
    ("R20", "reduce_only", order(is_reduce_only=True)),
    ("R21", "daily_loss", part("account", equity=D(9_500))),
    ("R22", "drawdown", part("account", high_water=D(12_500))),
    ("R24", "error_burst", part("counters", rejects_last_minute=11)),
    ("R26", "position_drift", replace(FACTS, venue_position=D("0.002"))),
    ("R29", "turnover", part("account", traded_today=D(199_001))),
    ("R30", "outside_window", part("timing", end_at=NOW)),
    ("R30", "outside_window", part("timing", start_at=NOW + SECOND)),
    ("R30", "clock_skew", part("timing", clock_skew_s=D("-1.1"))),
]


def test_R_the_table_has_its_rows_in_order() -> None:
    numbers = [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 13, 14, 17, 19, 20, 21, 22, 24, 26, 29, 30]
    assert list(rows()) == [f"R{number}" for number in numbers]


def test_T9_the_plain_order_passes_every_row() -> None:
    found = assess(FACTS)
    assert found.is_passed, found.codes
    assert set(found.findings) == set(rows())


@pytest.mark.parametrize(("row", "code", "facts"), REJECTED, ids=str)
def test_R_a_row_stops_what_it_names(row: str, code: str, facts: RiskInput) -> None:
    found = assess(facts)
    assert not found.is_passed
    assert found.findings[row].code == code


def test_R_every_row_stops_something() -> None:
    assert {row for row, _, _ in REJECTED} == set(rows())


@pytest.mark.parametrize(
    ("facts", "row"),
    [
        (part("limits", max_position_notional=D(1_000)), "R9"),
        (part("limits", max_net=D(1_000)), "R10"),
        (part("account", equity=D(500)), "R11"),
        (part("limits", max_order_qty=D("0.01")), "R3"),
        (part("limits", max_order_notional=D(1_000)), "R4"),
        (order(price=D(105_000)), "R5"),
        (part("quote", at=NOW - 2 * SECOND), "R7"),
        (part("timing", decided_at=NOW - 300 * SECOND), "R8"),
        (part("counters", last_second=9), "R14"),
        (part("account", equity=D("9500.01")), "R21"),
        (part("account", high_water=D("12499.99")), "R22"),
        (replace(FACTS, venue_position=D("0.001")), "R26"),
        (part("account", traded_today=D(199_000)), "R29"),
        (part("timing", start_at=NOW), "R30"),
    ],
    ids=str,
)
def test_R_exactly_at_the_limit_still_passes(facts: RiskInput, row: str) -> None:
    assert assess(facts).findings[row].is_passed


OPTIONAL = [field.name for field in fields(RiskInput) if "None" in str(field.type)]


@pytest.mark.parametrize("name", OPTIONAL)
def test_R_a_missing_input_rejects(name: str) -> None:
    absent: dict[str, Any] = {name: None}
    found = assess(replace(FACTS, **absent))
    assert MISSING in found.codes


def test_R_a_missing_mark_of_another_instrument_rejects() -> None:
    other = Exposure("ETHUSDT", D(1), D(0), D(0), None)
    assert assess(replace(FACTS, exposures=(other,))).findings["R10"].code == MISSING


def test_R_a_number_that_is_none_never_passes() -> None:
    found = assess(part("quote", mark=D("NaN")))
    assert found.findings["R9"].code == ERROR
    assert found.findings["R4"].code == ERROR


@pytest.mark.parametrize("facts", [FACTS, *(facts for _, _, facts in REJECTED[4:])], ids=str)
def test_R_stored_facts_replay_to_the_same_findings(facts: RiskInput) -> None:
    again = facts_from_json(facts_json(facts))
    assert again == facts
    assert assess(again).json() == assess(facts).json()


def test_R_every_order_of_a_gateway_keeps_facts_that_replay(tmp_path: Path) -> None:
    made = World(tmp_path, limits=replace(LIMITS, max_gross=D(5_000)))
    assert made.run(made.bars()[:4]).state == "finished"
    running = made.open()
    stored = running.ledger.rows("SELECT * FROM assessments")
    sent = running.ledger.rows("SELECT * FROM orders WHERE state = 'filled'")
    running.close()
    assert len(stored) > len(sent) > 0
    for row in stored:
        assert assess(facts_from_json(row["facts"])).json() == row["findings"].encode()


REDUCTIONS = [
    (LONG, Side.SELL, "0.05", True),
    (LONG, Side.SELL, "0.051", False),  # would flip
    (LONG, Side.BUY, "0.001", False),
    (SHORT, Side.BUY, "0.05", True),
    (SHORT, Side.BUY, "0.06", False),
    (SHORT, Side.SELL, "0.001", False),
    (replace(LONG, selling=D("0.03")), Side.SELL, "0.02", True),
    (replace(LONG, selling=D("0.03")), Side.SELL, "0.021", False),  # open orders count
    (replace(LONG, position=D(0)), Side.SELL, "0.001", False),  # flat stays flat
    (replace(LONG, position=D(0)), Side.BUY, "0.001", False),
]


@pytest.mark.parametrize(("held", "side", "qty", "may"), REDUCTIONS, ids=str)
@pytest.mark.parametrize("level", [level for level in Level if level])
def test_K5_only_what_shrinks_and_never_flips_leaves_under_a_kill(
    held: Exposure,
    side: Side,
    qty: str,
    may: bool,  # noqa: FBT001
    level: Level,
) -> None:
    price = D(100_000)
    facts = replace(
        holding(held, side=side, qty=D(qty), price=price, is_reduce_only=True), kill_level=level
    )
    assert assess(facts).findings["R20"].is_passed is may


def test_K5_a_reduction_passes_limits_that_are_broken_already() -> None:
    big = replace(LONG, position=D("0.2"))
    facts = replace(
        holding(big, side=Side.SELL, qty=D("0.02"), is_reduce_only=True),
        account=replace(FACTS.account, equity=D(8_000), high_water=D(12_000)),  # type: ignore[type-var]
        kill_level=Level.REDUCE_ONLY,
    )
    found = assess(facts)
    assert found.is_passed, found.codes


def test_R30_a_flattening_may_leave_after_the_window_and_nothing_else_may() -> None:
    ended = replace(
        holding(LONG, side=Side.SELL, qty=D("0.02"), price=D(100_000), is_reduce_only=True),
        timing=part("timing", end_at=NOW).timing,
    )
    for level in Level:
        passes = assess(replace(ended, kill_level=level)).findings["R30"].is_passed
        assert passes is (level is Level.FLATTEN)
    opening = replace(part("timing", end_at=NOW), kill_level=Level.FLATTEN)
    assert not assess(opening).findings["R30"].is_passed


@pytest.mark.parametrize(
    ("facts", "scope"),
    [
        (part("account", high_water=D(12_500)), "account"),
        (part("counters", rejects_last_minute=11), "instrument"),
        (replace(FACTS, venue_position=D(1)), "account"),
    ],
    ids=["drawdown", "errors", "drift"],
)
def test_R_a_breaker_asks_for_the_kill_switch(facts: RiskInput, scope: str) -> None:
    trips = [item for item in assess(facts).findings.values() if item.trip]
    assert [(item.trip, item.trip_scope) for item in trips] == [(Level.STOP_NEW, scope)]
