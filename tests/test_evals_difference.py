"""What counts as a difference between a recorded and a replayed answer, and what is chance."""

from typing import Any

import pytest

from alphaforge.evals.difference import Pairing, differences

A, B, C, D = ("a" * 20, "b" * 20, "c" * 20, "d" * 20)


def found(recorded: Any, replayed: Any, pairing: Pairing | None = None) -> list[str]:
    return [path for path, _, _ in differences(recorded, replayed, pairing or Pairing())]


def test_equal_answers_have_no_difference() -> None:
    answer = {"state": "completed", "metrics": {"sharpe": 1.25, "fees": None}, "list": [1, "x"]}
    assert found(answer, dict(answer)) == []


@pytest.mark.parametrize(
    ("recorded", "replayed", "path"),
    [
        ({"m": {"sharpe": 1.25}}, {"m": {"sharpe": 1.2500000000000002}}, "m.sharpe"),
        ({"m": {"sharpe": 1.0}}, {"m": {"sharpe": None}}, "m.sharpe"),
        ({"is_ok": True}, {"is_ok": 1}, "is_ok"),
        ({"a": 1}, {}, "a"),
        ({}, {"a": 1}, "a"),
        ({"list": [1, 2]}, {"list": [1]}, "list.length"),
        ({"list": [{"x": 1}]}, {"list": [{"x": 2}]}, "list[0].x"),
        ({"text": "at noon"}, {"text": "at night"}, "text"),
    ],
)
def test_a_difference_is_told_by_its_path(recorded: Any, replayed: Any, path: str) -> None:
    assert found(recorded, replayed) == [path]


def test_instants_are_chance_and_the_words_around_them_are_not() -> None:
    old, new = "until 2025-01-01T00:00:00.5Z", "until 2026-11-24T05:00:00Z"
    assert found(old, new) == []
    assert found(old, "after 2026-11-24T05:00:00Z") == [""]


def test_minted_ids_are_chance_as_long_as_they_recur_alike() -> None:
    old = {"one": f"apr_{A}", "two": f"see apr_{A}", "three": f"dec_{B}"}
    new = {"one": f"apr_{C}", "two": f"see apr_{C}", "three": f"dec_{D}"}
    assert found(old, new) == []
    assert found(old, {**new, "two": f"see apr_{D}"}) == ["two"]


def test_two_recorded_ids_never_meet_the_same_replayed_one() -> None:
    assert found([f"apr_{A}", f"apr_{B}"], [f"apr_{C}", f"apr_{C}"]) == ["[1]"]


@pytest.mark.parametrize("prefix", ["run", "exp"])
def test_ids_made_of_content_must_be_equal(prefix: str) -> None:
    assert found({"id": f"{prefix}_{A}"}, {"id": f"{prefix}_{B}"}) == ["id"]


def test_an_id_of_another_kind_is_a_difference() -> None:
    assert found({"id": f"apr_{A}"}, {"id": f"dep_{B}"}) == ["id"]


def test_fingerprints_must_be_equal() -> None:
    assert found({"f": "sig_" + "a" * 32}, {"f": "sig_" + "b" * 32}) == ["f"]


def test_a_plan_hash_may_change_but_not_how_it_recurs() -> None:
    old, new = {"plan_hash": "1" * 64}, {"plan_hash": "2" * 64}
    pairing = Pairing()
    assert found(old, new, pairing) == []
    assert found(old, {"plan_hash": "3" * 64}, pairing) == ["plan_hash"]


def test_later_arguments_carry_the_replayed_ids() -> None:
    pairing = Pairing()
    found({"id": f"apr_{A}"}, {"id": f"apr_{B}"}, pairing)
    asked = {"plan_id": f"apr_{A}", "ids": [f"apr_{A}", f"exp_{C}"], "days": 3}
    assert pairing.translated(asked) == {
        "plan_id": f"apr_{B}",
        "ids": [f"apr_{B}", f"exp_{C}"],
        "days": 3,
    }
