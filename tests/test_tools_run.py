"""What ``run`` starts, waits for, remembers and stops."""

import threading
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.principals import Principal
from alphaforge.tests.tool_lab import (
    AGENT,
    DATASET,
    FIRST,
    STRANGER,
    ask,
    copied,
    fields,
    import_market,
    lab_at,
)
from alphaforge.tools.door import call_tool
from alphaforge.tools.lab import Lab

ENDED = {"completed", "failed", "cancelled"}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    made = lab_at(tmp_path / "home")
    import_market(made)
    return made


def test_a_run_answers_with_metrics_luck_and_ids(lab: Lab) -> None:
    run = fields(lab, "run", text=FIRST, dataset=DATASET, wait_s=120)
    assert run["state"] == "completed"
    assert run["progress"] == 1.0
    assert run["metrics"]["sharpe"] is not None
    assert 0 <= run["deflated_sharpe"] <= 1
    assert run["trials"] == 1
    assert not run["is_from_memory"]
    assert run["fingerprint"].startswith("sig_")
    assert run["snapshot"] == lab.lake.card(DATASET).snapshot
    assert fields(lab, "search", text=run["experiment_id"])["hits"][0]["author"] == AGENT.id


def test_the_same_strategy_on_the_same_data_is_answered_from_memory(tmp_path: Path) -> None:
    lab, home = copied(tmp_path)
    again = fields(lab, "run", text=f" {FIRST}  # spaced", dataset=DATASET)
    assert again["is_from_memory"]
    for name in ("run_id", "experiment_id", "metrics", "run_fingerprint", "snapshot"):
        assert again[name] == home.first[name]
    assert again["trials"] == 2


def test_an_experiment_is_run_again_by_its_id(tmp_path: Path) -> None:
    lab, home = copied(tmp_path)
    again = fields(lab, "run", id=home.first["experiment_id"])
    assert again["run_id"] == home.first["run_id"]
    assert again["is_from_memory"]


def test_progress_is_reported_and_never_steps_back(lab: Lab) -> None:
    told: list[tuple[float, float]] = []

    def report(done: float, total: float, _message: str) -> None:
        told.append((done, total))

    asked: dict[str, object] = {"text": FIRST, "dataset": DATASET, "wait_s": 120}
    answer = call_tool(lab, "run", asked, principal=AGENT, report=report)
    assert answer.fields["state"] == "completed"
    assert told
    assert all(0 <= done <= total for done, total in told)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_run_goes_on_when_its_caller_leaves(lab: Lab) -> None:
    has_left = threading.Event()

    def leave(_done: float, _total: float, _message: str) -> None:
        has_left.set()

    asked: dict[str, object] = {"text": FIRST, "dataset": DATASET, "wait_s": 120}
    left = call_tool(lab, "run", asked, principal=AGENT, report=leave, is_cancelled=has_left.is_set)
    assert left.fields["state"] not in ENDED
    assert "run_id" in left.fields["next"]
    found = fields(lab, "run", run_id=left.fields["run_id"], wait_s=120)
    assert found["state"] == "completed"


def test_a_run_is_cancelled_by_its_id_and_may_be_started_anew(lab: Lab) -> None:
    begun = fields(lab, "run", text=FIRST, dataset=DATASET, wait_s=0)
    assert begun["state"] not in ENDED
    fields(lab, "run", cancel=begun["run_id"])
    ended = fields(lab, "run", run_id=begun["run_id"], wait_s=120)
    assert ended["state"] == "cancelled"
    again = fields(lab, "run", text=FIRST, dataset=DATASET, wait_s=120)
    assert again["run_id"] == begun["run_id"]
    assert again["state"] == "completed"


def test_a_broken_text_is_no_run(lab: Lab) -> None:
    answer = ask(lab, "run", text="rank(clse)", dataset=DATASET)
    assert answer.fields["diagnostics"]
    assert lab.experiments.trials().trials == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"text": FIRST, "dataset": "simm"}, "AF404"),
        ({"text": FIRST}, "AF901"),
        ({"text": FIRST, "dataset": DATASET, "bar": "1d"}, "AF901"),
        ({"text": FIRST, "dataset": DATASET, "bar": "hour"}, "AF901"),
        ({"text": "group_rank(returns, sector)", "dataset": DATASET}, "AF901"),
        ({"id": "exp_none"}, "AF404"),
        ({"run_id": "run_none"}, "AF404"),
    ],
)
def test_what_cannot_run_says_why_and_what_next(
    lab: Lab, arguments: dict[str, Any], code: str
) -> None:
    answer = ask(lab, "run", **arguments)
    assert answer.fields["code"] == code, answer.fields
    assert answer.fields["help"]


def test_a_grid_that_does_not_fit_is_said_in_durations(lab: Lab) -> None:
    answer = ask(lab, "run", text=FIRST, dataset=DATASET, bar="1d")
    assert "bars of 1d, dataset `sim` has bars of 1h" in answer.fields["message"]
    assert "`bar 1h`" in answer.fields["help"]


def test_groups_that_a_data_set_lacks_are_said_how_to_come_by(lab: Lab) -> None:
    answer = ask(lab, "run", text="group_rank(returns, sector)", dataset=DATASET)
    assert "--groups FILE" in answer.fields["help"]
    assert "bucket(" in answer.fields["help"]


def test_a_run_that_fails_says_what_to_do_next(lab: Lab) -> None:
    answer = ask(lab, "run", text="ts_mean(returns, 5000)", dataset=DATASET, wait_s=60)
    assert answer.fields["state"] == "failed"
    assert "a shorter look-back" in answer.fields["next"]
    assert "a shorter look-back" in answer.text


@pytest.mark.parametrize("who", [AGENT, STRANGER], ids=["own", "other"])
def test_runs_of_the_last_hour_are_counted_by_lineage(tmp_path: Path, who: Principal) -> None:
    lab, _ = copied(tmp_path)
    budget = lab.gate.bundle.budget.model_copy(update={"runs_per_hour": 2})
    tight = lab.gate.bundle.model_copy(update={"budget": budget})
    from dataclasses import replace

    bounded = replace(lab, gate=replace(lab.gate, bundle=tight))
    answer = ask(bounded, "run", principal=who, text="rank(volume)", dataset=DATASET, wait_s=0)
    assert answer.fields.get("code") == ("AF403" if who is AGENT else None), answer.fields
