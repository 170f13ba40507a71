"""From weights to orders: exact, on the venue's grid, and always toward less risk (G8)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphaforge.execution.order import Purpose, client_order_id
from alphaforge.execution.risk_input import Exposure
from alphaforge.execution.sizing import Sizes, flattened, netted, sized
from alphaforge.tests.test_risk_table import CONTRACT, LIMITS, QUOTE

D = Decimal
BASE = D(10_000)


def sizes(position: str = "0", *, step: str = "0.001", notional: str = "2500") -> Sizes:
    return Sizes(
        quotes={"BTCUSDT": QUOTE},
        contracts={"BTCUSDT": replace(CONTRACT, qty_step=D(step), qty_min=D(step))},
        exposures={"BTCUSDT": Exposure("BTCUSDT", D(position), D(0), D(0), QUOTE.mark)},
        limits=replace(LIMITS, max_order_notional=D(notional)),
        ticks_fresh=6,
    )


def legs(weight: str, facts: Sizes) -> list[tuple[str, Decimal]]:
    return [
        (leg.purpose.value, leg.change) for leg in sized({"BTCUSDT": D(weight)}, BASE, facts).legs
    ]


@pytest.mark.parametrize(
    ("weight", "position", "expected"),
    [
        ("0.1", "0", [("increase", "0.01")]),
        ("0.1099", "0", [("increase", "0.010")]),  # rounded toward zero, not up
        ("-0.1099", "0", [("increase", "-0.010")]),
        ("0.1", "0.01", []),
        ("0.1", "0.015", [("reduce", "-0.005")]),
        ("0", "0.015", [("reduce", "-0.015")]),
        ("-0.1", "0.015", [("reduce", "-0.015"), ("increase", "-0.01")]),
        ("0.1", "-0.002", [("reduce", "0.002"), ("increase", "0.01")]),
    ],
)
def test_G8_a_target_becomes_the_smallest_change_that_reaches_it(
    weight: str, position: str, expected: list[tuple[str, str]]
) -> None:
    assert legs(weight, sizes(position)) == [(name, D(qty)) for name, qty in expected]


@pytest.mark.parametrize(
    ("weight", "step", "reason"),
    [("0.0099", "0.001", "rounded_to_zero"), ("0.0001", "0.00001", "below_minimum")],
)
def test_G8_what_rounds_to_nothing_is_dropped_with_its_reason(
    weight: str, step: str, reason: str
) -> None:
    found = sized({"BTCUSDT": D(weight)}, BASE, sizes(step=step))
    assert (found.legs, found.dropped) == ((), {"BTCUSDT": reason})


def test_G8_an_instrument_without_a_market_is_dropped_not_guessed() -> None:
    found = sized({"ETHUSDT": D("0.1")}, BASE, sizes())
    assert found.dropped == {"ETHUSDT": "no_market"}


def test_a_large_leg_is_cut_into_slices_below_the_order_limit() -> None:
    found = sized({"BTCUSDT": D("0.9")}, BASE, sizes(notional="2000"))
    assert sum(leg.change for leg in found.legs) == D("0.09")
    assert max(leg.change for leg in found.legs) * QUOTE.mark <= 2000
    assert [leg.due_tick for leg in found.legs] == list(range(len(found.legs)))
    assert len({leg.name for leg in found.legs}) == len(found.legs)


def test_increases_wait_until_the_reductions_of_their_instrument_are_due() -> None:
    found = sized({"BTCUSDT": D("-0.5")}, BASE, sizes("0.05", notional="2000"))
    last = max(leg.due_tick for leg in found.legs if leg.purpose is Purpose.REDUCE)
    first = min(leg.due_tick for leg in found.legs if leg.purpose is Purpose.INCREASE)
    assert last < first


def test_flattening_closes_to_the_last_step_and_opens_nothing() -> None:
    found = flattened(sizes("-0.047"))
    assert {leg.purpose for leg in found.legs} == {Purpose.FLATTEN}
    assert sum(leg.change for leg in found.legs) == D("0.047")


def test_targets_of_several_sources_are_netted_before_anything_is_sent() -> None:
    books = [{"BTCUSDT": D("0.3"), "ETHUSDT": D("0.1")}, {"BTCUSDT": D("-0.3")}]
    total = netted(books)
    assert total == {"BTCUSDT": D(0), "ETHUSDT": D("0.1")}
    assert legs(str(total["BTCUSDT"]), sizes()) == []


def test_G2_the_id_of_an_order_depends_on_its_intent_alone() -> None:
    ids = {
        client_order_id(deployment, sequence, leg)
        for deployment in ("dep_1", "dep_2")
        for sequence in (1, 11)
        for leg in ("A/reduce/0", "A/reduce/1")
    }
    assert len(ids) == 8
    assert client_order_id("dep_1", 1, "A/reduce/0") in ids
    assert all(len(name) <= 36 for name in ids), "venues take 36 characters"


@settings(max_examples=200, deadline=None)
@given(
    weight=st.decimals("-2", "2", places=6),
    position=st.integers(-200, 200),
    step=st.sampled_from(["0.001", "0.0007", "0.01"]),
)
def test_G8_no_target_is_overshot_and_every_leg_is_on_the_grid(
    weight: Decimal, position: int, step: str
) -> None:
    held = position * D(step)
    facts = sizes(str(held), step=step)
    found = sized({"BTCUSDT": weight}, BASE, facts)
    after = held + sum((leg.change for leg in found.legs), D(0))
    exact = weight * BASE / QUOTE.mark
    assert all(leg.change % D(step) == 0 for leg in found.legs)
    # Beyond the target only by what was not worth an order.
    slack = D(5) / QUOTE.mark + D(step)
    assert min(held, exact) - slack <= after <= max(held, exact) + slack
    assert abs(after) <= max(abs(exact), abs(held)) + slack
