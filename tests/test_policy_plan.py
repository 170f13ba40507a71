"""A plan: hashed whole, read back exactly, compared field by field."""

import json
from dataclasses import fields
from decimal import Decimal
from hashlib import sha256

import pytest

from alphaforge.core.errors import InvalidInputError, TamperedError
from alphaforge.core.principals import Stage
from alphaforge.policies.limits import Limits
from alphaforge.policies.plan import (
    Evidence,
    PackRef,
    Plan,
    plan_diff,
    plan_from_json,
    plan_hash,
    plan_json,
    worst_case,
)
from alphaforge.tests.humans import DAY, LIMITS, NOON, PLAN, plan_with

OTHER: dict[str, object] = {
    "packs": (PackRef("midfreq", "1.0", "45"),),
    "snapshots": ("snap_2",),
    "evidence": (Evidence("run_1", "56"),),
    "stage": Stage.PAPER,
    "instruments": ("BTCUSDT",),
    "parameters": (("delay_bars", "2"),),
    "start_at": NOON - DAY,
    "end_at": NOON + DAY,
    "authors": (),
}


@pytest.mark.parametrize("name", [field.name for field in fields(Plan) if field.name != "limits"])
def test_A2_every_field_of_a_plan_is_in_its_hash(name: str) -> None:
    changed = plan_with(**{name: OTHER.get(name, "another")})
    assert plan_hash(changed) != plan_hash(PLAN)
    assert [change.name.split(".")[0] for change in plan_diff(PLAN, changed)] == [name]


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_A2_every_limit_is_in_the_hash_and_a_higher_one_raises_the_risk(name: str) -> None:
    before = getattr(LIMITS, name) or Decimal(7)
    low, high = plan_with(**{name: before}), plan_with(**{name: before + 1})
    assert plan_hash(low) != plan_hash(high)
    (change,) = plan_diff(low, high)
    assert (change.name, change.is_risk_increasing) == (f"limits.{name}", True)
    (back,) = plan_diff(high, low)
    assert not back.is_risk_increasing


def test_the_hash_is_sha256_of_canonical_json_with_its_schema() -> None:
    canonical = plan_json(PLAN)
    assert plan_hash(PLAN) == sha256(canonical).hexdigest()
    table = json.loads(canonical)
    assert table["schema"] == 1
    assert table["limits"]["max_drawdown"] == "0.2"
    assert canonical == json.dumps(table, separators=(",", ":"), sort_keys=True).encode()


def test_equal_numbers_give_an_equal_plan() -> None:
    assert plan_hash(plan_with(capital=Decimal("10000.00"))) == plan_hash(PLAN)


def test_a_plan_reads_back_from_its_bytes() -> None:
    assert plan_from_json(plan_json(PLAN)) == PLAN


def test_A3_bytes_that_are_not_canonical_are_no_plan() -> None:
    table = json.loads(plan_json(PLAN))
    with pytest.raises(TamperedError):
        plan_from_json(json.dumps(table).encode())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda table: table.pop("venue"),
        lambda table: table.update(extra="x"),
        lambda table: table.update(schema=2),
        lambda table: table.update(stage="moon"),
        lambda table: table["limits"].pop("capital"),
        lambda table: table["limits"].update(max_gross="1e99"),
        lambda table: table.update(packs="midfreq"),
        lambda table: table.update(start_at="yesterday"),
    ],
    ids=["missing", "extra", "schema", "stage", "limit", "number", "packs", "time"],
)
def test_odd_bytes_are_refused_and_never_crash(spoil: object) -> None:
    table = json.loads(plan_json(PLAN))
    spoil(table)  # type: ignore[operator]
    with pytest.raises((InvalidInputError, TamperedError)):
        plan_from_json(json.dumps(table, separators=(",", ":"), sort_keys=True).encode())
    for junk in (b"", b"null", b"[]", b"{", b"\xff", b"1" * 5000, b"[" * 100_000):
        with pytest.raises((InvalidInputError, TamperedError)):
            plan_from_json(junk)


def test_A10_a_diff_lists_what_raises_the_risk_first() -> None:
    changed = plan_with(
        evidence=(),
        capital=Decimal(20000),
        max_drawdown=Decimal("0.1"),
        instruments=("BTCUSDT", "ETHUSDT", "SOLUSDT"),
    )
    changes = plan_diff(PLAN, changed)
    assert [(change.name, change.is_risk_increasing) for change in changes] == [
        ("instruments", True),
        ("limits.capital", True),
        ("evidence", False),
        ("limits.max_drawdown", False),
    ]
    assert plan_diff(PLAN, PLAN) == ()


def test_A10_dropping_a_limit_raises_the_risk() -> None:
    (change,) = plan_diff(plan_with(max_net=Decimal(5)), PLAN)
    assert (change.after, change.is_risk_increasing) == ("", True)


def test_A12_the_worst_case_comes_from_the_limits() -> None:
    worst = worst_case(PLAN)
    assert worst.notional_max == Decimal(15000)
    assert worst.loss_at_stop == Decimal(2000)
    assert worst.loss_max == Decimal(3500)
    assert worst.loss_day_max == Decimal(500)
    assert worst_case(plan_with(max_drawdown=Decimal(1))).loss_max == PLAN.capital
