"""Variants run and chosen among: by the command, through the tools, and by trains alone."""

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.runs.selection import Contender, select
from alphaforge.tests.test_cli import alphaforge, answer
from alphaforge.tests.tool_lab import (
    AGENT,
    DATASET,
    ask,
    copied,
    home_at,
    import_market,
    lab_at,
)
from alphaforge.tools.door import call_tool

TEXT = """
strategy swept {{
  param lookback in [12h, 24h]
  param k in 1 .. 2
  feature vol_2d = ts_std(returns, 2d)
  factor recent = -ts_sum(returns, 12h)
  signal -ts_sum(returns, lookback) / vol_2d
  portfolio long_short quantile 25%, gross k
  backtest {start} .. {end}, walk_forward train 8d test 4d embargo 1d, holdout 5d
}}
"""


def filled_home(root: Path) -> str:
    """Make a home with a market, and return a text whose window it covers."""
    home_at(root).make()
    lab = lab_at(root)
    import_market(lab)
    first = date.fromisoformat(lab.lake.card(DATASET).start[:10])
    for store in (lab.experiments, lab.runs, lab.approvals, lab.deployments, lab.journal):
        store.close()
    return TEXT.format(start=first + timedelta(days=4), end=first + timedelta(days=28))


@pytest.mark.timeout(180)
def test_a_run_at_the_console_says_its_notes(tmp_path: Path) -> None:
    root = tmp_path / "home"
    path = tmp_path / "noted.af"
    path.write_text(filled_home(root), encoding="utf-8")
    code, out, err = alphaforge(root, "run", str(path), "--dataset", DATASET)
    assert code == 0, err
    assert "note: withheld, neither loaded nor simulated" in out


@pytest.mark.timeout(180)
def test_a_sweep_runs_each_variant_and_chooses_by_trains(tmp_path: Path) -> None:
    root = tmp_path / "home"
    path = tmp_path / "swept.af"
    path.write_text(filled_home(root), encoding="utf-8")
    told = answer(root, "compile", str(path), "--param", "lookback=1d")
    checks = {check["name"]: check["detail"] for check in told["checks"]}
    assert checks["param lookback"] == "24h of 12h, 24h"
    assert checks["variants"] == "4"
    assert checks["feature vol_2d"].startswith("sig_")
    words = ("run", str(path), "--sweep", "--dataset", DATASET, "--param", "k=1")
    found = answer(root, *words)
    assert [row["params"] for row in found["variants"]] == [
        {"k": "1", "lookback": "12h"},
        {"k": "1", "lookback": "24h"},
    ]
    assert all(row["metrics"]["oos_sharpe"] is not None for row in found["variants"])
    ids = [row["experiment_id"] for row in found["variants"]]
    _code, table, _err = alphaforge(root, "compare", *ids)
    assert all(title in table.splitlines()[0] for title in ids)
    assert "oos_sharpe" in table
    assert len({row["experiment_id"] for row in found["variants"]}) == 2
    chosen = found["selection"]["choices"]
    assert len(chosen) == 3
    assert all(choice["name"].startswith("k=1 lookback=") for choice in chosen)
    again, out, _err = alphaforge(root, *words)
    assert again == 0  # Answered from memory.
    assert "chosen in each fold" in out
    run_id = found["variants"][0]["run_id"]
    (folds,) = root.rglob(f"{run_id}/folds.json")
    assert len(json.loads(folds.read_text(encoding="utf-8"))) == 3
    # A variant leaves figures; its sheet is drawn when it is asked for.
    assert not folds.with_name("report.html").exists()
    before = folds.with_name("metrics.json").read_bytes()
    told = answer(root, "report", ids[0])
    drawn, tables = told["artifacts"], {table["title"]: table["rows"] for table in told["tables"]}
    (factors,) = (rows for title, rows in tables.items() if "by factor" in title)
    assert [row[0] for row in factors] == ["recent", "residual", "all, from prices"]
    assert folds.with_name("metrics.json").read_bytes() == before
    page = Path(drawn[0]).read_text(encoding="utf-8")
    assert drawn == answer(root, "report", ids[0])["artifacts"]
    assert "Folds: Sharpe of train" in page
    assert "withheld, neither loaded nor simulated" in page


@pytest.mark.timeout(120)
def test_eval_writes_features_and_stops_before_the_holdout(tmp_path: Path) -> None:
    root, path, out = tmp_path / "home", tmp_path / "s.af", tmp_path / "values.parquet"
    path.write_text(filled_home(root), encoding="utf-8")
    fields = answer(root, "eval", str(path), "--dataset", DATASET, "--out", str(out))
    values = pl.read_parquet(out)
    assert values.columns == ["ts", "symbol", "value", "vol_2d"]
    assert values["ts"].dt.date().n_unique() == 24  # Four before the window, twenty seen.
    assert "holdout" in fields["notes"][-1]
    known = values.filter(pl.col("vol_2d").is_not_nan())
    assert known.height > 1000
    assert known.filter(pl.col("vol_2d") <= 0).height == 0


@pytest.mark.timeout(120)
def test_tools_run_the_variant_that_was_chosen_and_keep_its_text(tmp_path: Path) -> None:
    lab, _ = copied(tmp_path)
    text = "strategy s {\n  param h in [24h, 36h]\n  signal rank(-returns(close, h))\n}"
    plain = text.replace("  param h in [24h, 36h]\n", "").replace("h))", "36h))")
    made = ask(lab, "compile", text=text, params={"h": "36h"}).fields
    assert made["fingerprint"] == ask(lab, "compile", text=plain).fields["fingerprint"]
    done = ask(lab, "run", text=text, params={"h": "36h"}, dataset=DATASET, wait_s=60).fields
    assert done["state"] == "completed", done
    # The same meaning is the same run, whatever its text: one trial.
    assert ask(lab, "run", text=plain, dataset=DATASET).fields["is_from_memory"]
    kept = lab.experiments.get(done["experiment_id"])
    again = ask(lab, "run", id=kept.id, dataset=DATASET)
    assert again.fields["is_from_memory"]
    assert again.fields["run_id"] == done["run_id"]
    refused = ask(lab, "run", text=text, params={"h": "48h"}, dataset=DATASET)
    assert refused.is_error
    assert refused.fields["code"] == "AF271"


SWEPT = """strategy s {
  param h in [24h, 36h]
  param q in [20%, 40%]
  signal rank(-returns(close, h))
  portfolio long_short quantile q
}
"""


@pytest.mark.timeout(120)
def test_an_agent_sweeps_in_one_call_and_each_variant_is_a_trial(tmp_path: Path) -> None:
    lab, home = copied(tmp_path)
    before = home.second["trials"]
    said: list[tuple[float, float, str]] = []
    answer_ = call_tool(
        lab,
        "run",
        {"text": SWEPT, "sweep": True, "dataset": DATASET, "wait_s": 90},
        principal=AGENT,
        report=lambda done, total, words: said.append((done, total, words)),
    )
    found = answer_.fields
    assert (found["state"], found["variant_count"]) == ("completed", 4), found
    # Two of the four had been run before, as the default quantile says them.
    assert found["trials"] == before + 2
    sharpes = [item["sharpe"] for item in found["variants"]]
    assert sharpes == sorted(sharpes, reverse=True)
    assert all(item["deflated_sharpe"] is not None for item in found["variants"])
    shares = [done / total for done, total, _ in said]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert "4 of 4 variants" in said[-1][2]
    again = ask(lab, "run", run_id=found["run_id"], wait_s=0).fields
    assert again["variants"] == found["variants"]
    kept = lab.experiments.get(found["variants"][0]["experiment_id"])
    assert kept.metrics["sharpe"] == pytest.approx(sharpes[0], rel=1e-5)
    # The text that is kept is the variant's own.
    assert ask(lab, "run", id=kept.id, dataset=DATASET).fields["is_from_memory"]


def test_a_batch_over_the_budget_of_the_hour_is_refused_whole(tmp_path: Path) -> None:
    lab, _ = copied(tmp_path)
    budget = lab.gate.bundle.budget.runs_per_hour
    texts = [f"rank(-returns(close, {bars}h))" for bars in (24, 36, 48)]
    small = lab.gate.bundle.model_copy(
        update={"budget": lab.gate.bundle.budget.model_copy(update={"runs_per_hour": 3})}
    )
    tight = replace(lab, gate=replace(lab.gate, bundle=small))
    refused = ask(tight, "run", texts=texts, dataset=DATASET, wait_s=0)
    assert budget > 1_000
    assert refused.is_error
    assert "its 3 runs of the hour" in refused.fields["message"]
    assert lab.experiments.trials().trials == 2


@pytest.mark.timeout(120)
def test_several_files_are_one_batch(tmp_path: Path) -> None:
    root = tmp_path / "home"
    filled_home(root)
    files = []
    for name, bars in (("one", 24), ("two", 36)):
        path = tmp_path / f"{name}.af"
        path.write_text(f"strategy {name} {{ signal rank(-returns(close, {bars}h)) }}")
        files.append(str(path))
    found = answer(root, "run", *files, "--dataset", DATASET)
    assert [row["name"] for row in found["variants"]] == ["one", "two"]
    assert found["batch_id"].startswith("bat_")
    shown = answer(root, "runs", "show", found["batch_id"])
    assert shown["variant_count"] == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--param", "lookback"), "--param lookback=48h"),
        (("--sweep",), "no parameter to vary"),
    ],
)
def test_what_cannot_be_swept_says_so(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    path = tmp_path / "plain.af"
    path.write_text("strategy s { signal returns }", encoding="utf-8")
    code, _out, err = alphaforge(tmp_path / "home", "run", str(path), "--dataset", "x", *words)
    assert code == 2
    assert says in err


def test_too_many_variants_are_refused_before_any_runs(tmp_path: Path) -> None:
    path = tmp_path / "many.af"
    path.write_text(
        "strategy s {\nparam a in 1 .. 50\nparam b in 1 .. 21\nsignal returns * a / b\n}"
    )
    code, _out, err = alphaforge(tmp_path / "home", "run", str(path), "--dataset", "x", "--sweep")
    assert code == 1
    assert "1050 variants are over the 1000" in err


def fold(train: float | None, start: int, stop: int) -> dict[str, Any]:
    days = [f"2025-01-{start:02d} 00:00", f"2025-01-{stop:02d} 00:00"]
    return {"test": days, "test_rows": [start, stop], "train_sharpe": train, "test_sharpe": 0.5}


def test_the_choice_sees_trains_alone_and_joins_their_tests() -> None:
    returns = np.arange(6) / 100.0
    first = Contender("a", [fold(1.0, 2, 4), fold(None, 4, 6)], returns, 3600)
    second = Contender("b", [fold(0.5, 2, 4), fold(-1.0, 4, 6)], -returns, 3600)
    found = select([first, second])
    assert [choice.name for choice in found.choices] == ["a", "b"]
    # Days with a tested bar, as in `backtest`: no day is in two tests.
    days = ["2025-01-02 .. 2025-01-03", "2025-01-04 .. 2025-01-05"]
    assert [choice.test for choice in found.choices] == days
    joined = np.array([0.02, 0.03, -0.04, -0.05])
    assert found.total_return == pytest.approx(np.prod(1 + joined) - 1)
    sharpe = joined.mean() / joined.std(ddof=1) * np.sqrt(365 * 24)
    assert found.sharpe == pytest.approx(sharpe)
    with pytest.raises(InvalidInputError, match="same bars"):
        select([first, Contender("c", [fold(1.0, 3, 5), fold(1.0, 5, 6)], returns, 3600)])
