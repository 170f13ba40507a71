"""The command line as a person or script meets it: exit codes, JSON, homes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from alphaforge.tests.helpers import KERNEL_CACHE, REPO, real_file

ENVIRONMENT = {**os.environ, "ALPHAFORGE_KERNELS": str(KERNEL_CACHE)}  # noqa: TID251  # As a shell has it.


def alphaforge(home: Path, *words: str) -> tuple[int, str, str]:
    """Run a command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "alphaforge", *words, "--home", str(home)],
        capture_output=True,
        text=True,
        timeout=120,
        env=ENVIRONMENT,
        cwd=home.parent,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def answer(home: Path, *words: str, code: int = 0) -> dict[str, Any]:
    """Run a command that answers in JSON."""
    found, out, err = alphaforge(home, *words, "--json")
    assert found == code, (out, err)
    fields: dict[str, Any] = json.loads(out)
    return fields


def test_an_expression_compiles_to_one_fingerprint_however_it_is_spelt(tmp_path: Path) -> None:
    first = answer(tmp_path, "compile", "-e", "rank(ts_mean(close, 24h) / close)")
    spelt = "# a mean\n  rank( ts_mean( close,24h )\n / close )"
    assert answer(tmp_path, "compile", "-e", spelt)["fingerprint"] == first["fingerprint"]
    one = answer(tmp_path, "compile", "-e", "rank(open + close * 2)")
    two = answer(tmp_path, "compile", "-e", "rank(2 * close + open)")
    assert one["fingerprint"] == two["fingerprint"] != first["fingerprint"]


def test_a_look_ahead_is_an_answer_of_no_with_a_causality_code(tmp_path: Path) -> None:
    fields = answer(tmp_path, "compile", "-e", "rank(delay(close, -1))", code=1)
    assert fields["code"] == "AF201"
    assert "look ahead" in fields["message"]


def test_a_misspelt_field_is_drawn_with_carets_and_the_right_name(tmp_path: Path) -> None:
    code, out, err = alphaforge(tmp_path, "compile", "-e", "rank(clse)")
    assert code == 1
    assert "^^^^" in out + err
    assert "did you mean `close`?" in out + err


def test_unknown_commands_are_usage_errors(tmp_path: Path) -> None:
    code, _out, err = alphaforge(tmp_path, "conquer")
    assert code == 2
    assert "invalid choice" in err


def test_a_file_and_an_expression_at_once_are_refused(tmp_path: Path) -> None:
    file = str(REPO / "examples" / "reversal.af")
    for command in (("compile",), ("run",), ("eval", "--out", "values.parquet")):
        code, _out, err = alphaforge(tmp_path, *command, file, "-e", "returns")
        assert code == 2
        assert "both" in err


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    code, _out, err = alphaforge(tmp_path, "run", "nowhere.af")
    assert code == 2
    assert "nowhere.af" in err
    assert "help" in err


def test_init_lays_out_a_folder_and_never_overwrites(tmp_path: Path) -> None:
    home, folder = tmp_path / "home", tmp_path / "research"
    made = answer(home, "init", str(folder))
    assert "strategies/midfreq_reversal.af" in made["files"]
    text = (folder / "strategies" / "midfreq_reversal.af").read_text()
    assert answer(home, "compile", "-e", text)["kind"] == "strategy"
    assert alphaforge(home, "init", str(folder))[0] == 1


def test_fmt_keeps_the_meaning(tmp_path: Path) -> None:
    path = REPO / "examples" / "blend.af"
    before = answer(tmp_path, "compile", str(path))["fingerprint"]
    shown = answer(tmp_path, "fmt", str(path))
    assert answer(tmp_path, "compile", "-e", shown["text"])["fingerprint"] == before


@pytest.mark.parametrize("client", ["claude-code", "claude-desktop", "cursor", "vscode"])
def test_mcp_config_names_a_program_that_is_there(tmp_path: Path, client: str) -> None:
    fields = answer(tmp_path, "mcp", "config", "--client", client)
    text = json.dumps(fields)
    assert "serve" in text
    assert str(tmp_path) in text


def test_doctor_counts_what_is_here(tmp_path: Path) -> None:
    fields = answer(tmp_path, "doctor")
    assert fields["journal_is_ok"] is True
    assert fields["operators"] >= 30
    assert fields["packs"] == {"midfreq": "0.1.0"}


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.timeout(120)
def test_the_second_run_answers_from_memory_with_the_same_bytes(tmp_path: Path) -> None:
    panel = real_file("open/binance_usdm_1h_2025.parquet")
    answer(tmp_path, "data", "import", str(panel), "--name", "perps_1h")
    example = str(REPO / "examples" / "reversal.af")
    first = answer(tmp_path, "run", example, "--dataset", "perps_1h")
    second = answer(tmp_path, "run", example, "--dataset", "perps_1h")
    assert not first["is_from_memory"]
    assert second["is_from_memory"]
    assert json.dumps(first["metrics"]) == json.dumps(second["metrics"])
    report = answer(tmp_path, "report", first["experiment_id"])
    pages = [path for path in report["artifacts"] if path.endswith(".html")]
    assert Path(pages[0]).stat().st_size > 10_000
    tables = {table["title"].split(",")[0]: table["rows"] for table in report["tables"]}
    factors = [row[0] for row in tables["Gain from prices by factor"]]
    assert factors == ["reversal", "residual", "all, from prices"]
    assert [row[0] for row in tables["By side"]] == ["long", "short"]
    assert tables["Returns by month"]


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.timeout(120)
def test_eval_writes_every_bar_of_every_instrument(tmp_path: Path) -> None:
    import polars as pl

    panel = real_file("open/binance_usdm_1h_2025.parquet")
    answer(tmp_path, "data", "import", str(panel), "--name", "perps_1h")
    out = tmp_path / "values.parquet"
    expression = "ts_mean(close, 24h) / close"
    fields = answer(tmp_path, "eval", "-e", expression, "--dataset", "perps_1h", "--out", str(out))
    values = pl.read_parquet(out)
    assert fields["rows"] == values.height == 145_728
    assert values.columns == ["ts", "symbol", "value"]
    expected = (
        pl.read_parquet(panel)
        .sort("symbol", "ts")
        .select(
            "ts",
            "symbol",
            expected=pl.col("close").rolling_mean(24).over("symbol") / pl.col("close"),
        )
    )
    joined = values.with_columns(pl.col("ts").cast(expected.schema["ts"])).join(
        expected, on=["ts", "symbol"]
    )
    both = joined.filter(pl.col("expected").is_not_null())
    assert both.height == 145_728 - 22 * 23
    assert float((both["value"] - both["expected"]).abs().max()) < 1e-12  # type: ignore[arg-type]


def test_usage_errors_are_json_when_json_is_asked_for(tmp_path: Path) -> None:
    for words in (("compile", "--bogus"), ("conquer",), ("runs",), ("compile",)):
        fields = answer(tmp_path, *words, code=2)
        assert fields["code"] == "AF902", words
        assert fields["help"]


def test_a_formula_may_begin_with_a_minus(tmp_path: Path) -> None:
    negated = answer(tmp_path, "compile", "-e", "-returns(close, 24h)")
    assert negated["canonical"].startswith("-returns")


def test_a_file_that_is_no_text_is_an_answer_and_no_traceback(tmp_path: Path) -> None:
    path = tmp_path / "bad.af"
    path.write_bytes(b"\xff\xfe\x00")
    for words in (("compile", str(path)), ("fmt", str(path)), ("run", str(path))):
        fields = answer(tmp_path, *words, code=1)
        assert "not UTF-8" in fields["message"]


def test_a_home_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    code, out, err = alphaforge(path, "doctor")
    assert code == 1
    assert "Traceback" not in out + err
    assert str(path) in err


def test_common_flags_may_stand_before_the_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "alphaforge", "--home", str(tmp_path / "h"), "--json", "doctor"],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
        check=False,
    )
    assert json.loads(done.stdout)["home"] == str(tmp_path / "h")
