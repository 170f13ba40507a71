"""Dialects where people and agents meet them: the tools, the commands, and what memory keeps."""

import json
from pathlib import Path

import pytest

from alphaforge.server.cli import run_command
from alphaforge.tests.tool_lab import DATASET, FIRST, ask, copied, fields, shared

# The same value in two notations.
QLIB = "Mean($close, 24)/$close"
OWN = "ts_mean(close, 24h) / close"


def test_a_text_of_a_dialect_compiles_to_the_fingerprint_of_its_equal() -> None:
    own = fields(shared(), "compile", text=OWN)
    other = fields(shared(), "compile", text=QLIB, dialect="qlib", to="af")
    assert other["fingerprint"] == own["fingerprint"]
    assert other["printed"] == other["canonical"] == own["canonical"]
    assert [item["code"] for item in other["diagnostics"]] == ["AF350"]


def test_compile_prints_in_qlib_what_qlib_can_say() -> None:
    assert (
        fields(shared(), "compile", text=OWN, to="qlib")["printed"] == "Mean($close, 24) / $close"
    )
    refused = ask(shared(), "compile", text="rank(close) * cap", to="qlib")
    assert refused.is_error
    said = {(item["code"], item["severity"]) for item in refused.fields["diagnostics"]}
    assert ("AF256", "error") in said


def test_a_fault_of_a_dialect_points_into_the_text_as_written() -> None:
    text = "rank(Ts_Rnk(close, 5))"
    answer = ask(shared(), "compile", text=text, dialect="alpha101")
    (fault,) = answer.fields["diagnostics"]
    assert text[fault["span"]["start"] : fault["span"]["end"]] == "Ts_Rnk"
    assert fault["fix"]["text"] == "ts_rank"


def test_a_text_that_is_too_deep_in_the_language_itself_is_refused_in_words() -> None:
    text = "returns > 1 ? returns : " * 100 + "close / open"
    answer = ask(shared(), "compile", text=text, dialect="brain")
    assert answer.is_error
    assert [item["code"] for item in answer.fields["diagnostics"]] == ["AF261"]


def test_a_run_of_a_dialect_text_is_that_of_its_equal_and_runs_again_by_its_id(
    tmp_path: Path,
) -> None:
    lab, _home = copied(tmp_path)
    text = "a = ts_delta(close, 6) / close; rank(-a)"
    run = fields(lab, "run", text=text, dialect="brain", dataset=DATASET, wait_s=120)
    assert run["state"] == "completed"
    again = fields(lab, "run", id=run["experiment_id"])
    assert again["is_from_memory"]
    assert again["run_id"] == run["run_id"]
    own = fields(lab, "run", text="rank(-delta(close, 6h) / close)", dataset=DATASET)
    assert own["is_from_memory"]
    assert own["run_id"] == run["run_id"]
    kept = lab.experiments.get(run["experiment_id"], "local")
    assert "ts_delta" not in kept.text
    assert FIRST not in kept.text


@pytest.mark.parametrize(
    ("target", "shown"), [("qlib", "Ref($close, 5)/$close"), ("af", "delay(close, 5) / close")]
)
def test_a_feature_set_is_listed_in_either_notation(
    target: str, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["compile", "--set", "alpha158", "--to", target, "--json", "--home", str(tmp_path)]
    assert run_command(words) == 0
    told = json.loads(capsys.readouterr().out)
    by_name = {row["name"]: row for row in told["features"]}
    assert len(by_name) == 158
    assert by_name["ROC5"]["text"] == shown
    assert by_name["ROC5"]["fingerprint"].startswith("sig_")


def test_the_values_of_a_dialect_text_are_those_of_its_equal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _lab, home = copied(tmp_path)
    words = ["eval", "--dataset", DATASET, "--home", str(home.root)]
    own, other = tmp_path / "own.parquet", tmp_path / "other.parquet"
    assert run_command([*words, "-e", OWN, "--out", str(own)]) == 0
    assert run_command([*words, "--dialect", "qlib", "-e", QLIB, "--out", str(other)]) == 0
    assert own.read_bytes() == other.read_bytes()
    assert "ts_mean(close, 24) / close" in capsys.readouterr().out


def test_the_command_compiles_a_dialect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compile", "--dialect", "alpha101", "--to", "qlib", "--home", str(tmp_path)]
    assert run_command([*words, "-e", "(-1 * Correlation(close, volume, 10.2))"]) == 0
    out = capsys.readouterr().out
    assert "-1 * Corr($close, $volume, 10)" in out
    assert "note[AF303]" in out
