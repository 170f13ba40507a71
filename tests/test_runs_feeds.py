"""A strategy that reads two venues: from its text to a finished run, and where it stops."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphaforge.core.errors import ConflictError, InvalidInputError, NotFoundError
from alphaforge.data.market import simulate_market
from alphaforge.data.market_venue import second_venue
from alphaforge.dsl.compile import compile_text
from alphaforge.runs.planning import Packs, identity
from alphaforge.runs.states import State
from alphaforge.runs.view import RunView
from alphaforge.server.cli import run_command
from alphaforge.tests.run_world import AGENT, World, catalogue, compiled, new_world

pytestmark = [pytest.mark.timeout(180)]

WAIT_SECONDS = 90
SPREAD = """strategy spread {
  data perps, okx = perps_okx bar 1h
  signal -(close / okx.close - 1)
  rebalance every 4h
}
"""


def two_venues(root: Path, *, has_report: bool = False) -> World:
    world = new_world(root, has_report=has_report)
    table, truth = simulate_market(7, instruments=8, bars=300)
    world.lake.import_table(table, "perps", truth.source())
    for seed, name in ((8, "perps_okx"), (9, "perps_byb")):
        other, source = second_venue(table, truth, seed=seed, without=("SIM03USDT",))
        world.lake.import_table(other, name, source)
    return world


def run(world: World, text: str, dataset: str = "") -> RunView:
    view = world.runs.start(compiled(text), dataset, AGENT)
    return world.runs.wait(view.run_id, WAIT_SECONDS)


def test_a_spread_without_partners_fails_and_says_so(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    table, truth = simulate_market(7, instruments=8, bars=300)
    world.lake.import_table(table, "perps", truth.source())
    other, source = second_venue(table, truth, seed=8)
    frame = pl.DataFrame(other).with_columns(pl.col("symbol").str.replace("USDT", "USDC"))
    world.lake.import_table(frame.to_arrow(), "perps_okx", source)
    failed = run(world, SPREAD)
    assert failed.state is State.FAILED
    assert failed.fault is not None
    assert "`okx` (perps_okx) has no partner for SIM00USDT" in failed.fault.help


def test_a_spread_between_two_venues_compiles_and_runs(tmp_path: Path) -> None:
    world = two_venues(tmp_path, has_report=True)
    done = run(world, SPREAD)
    assert done.state is State.COMPLETED, done.error
    page = world.runs.artifact(done.run_id, "report.html").read_text()
    assert "perps_okx" in page
    assert "no partner for SIM03USDT" in page
    assert done.metrics["bars"] == pytest.approx(300, abs=8)
    assert any("no partner for SIM03USDT" in note for note in done.notes)
    kept = world.experiments.get(done.experiment_id)
    okx = world.lake.card("perps_okx")
    assert kept.dataset == "perps"
    assert kept.settings["source.okx"] == f"perps_okx@{okx.snapshot}"
    assert okx.snapshot in kept.window
    assert kept.fields == ("close", "okx.close")

    renamed = SPREAD.replace("okx =", "byb =").replace("okx.close", "byb.close")
    again = world.runs.start(compiled(renamed), "", AGENT)
    assert again.is_from_memory
    assert again.metrics_text == done.metrics_text


def test_M2_another_venue_behind_the_alias_is_another_run_and_another_trial(tmp_path: Path) -> None:
    world = two_venues(tmp_path)
    first = run(world, SPREAD)
    other = run(world, SPREAD, "okx=perps_byb")
    assert other.state is State.COMPLETED, other.error
    assert other.run_id != first.run_id
    assert other.metrics_text != first.metrics_text
    assert world.experiments.trials(AGENT.tenant, "perps").trials == 2
    same = world.runs.start(compiled(SPREAD), "perps, okx = perps_byb", AGENT)
    assert same.is_from_memory
    assert same.run_id == other.run_id


@pytest.mark.parametrize(
    ("said", "error", "told"),
    [
        ("okex=perps_byb", InvalidInputError, "reads no data set `okex`"),
        ("perps, perps_okx", InvalidInputError, "would both be traded"),
        ("okx=", InvalidInputError, "is not `ALIAS=NAME`"),
        ("okx=nowhere", NotFoundError, "no dataset `nowhere`"),
        ("okx=small", InvalidInputError, "no field `open_interest`, which the text reads as"),
    ],
)
def test_data_that_does_not_suit_is_refused_before_a_worker_starts(
    tmp_path: Path, said: str, error: type[Exception], told: str
) -> None:
    text = SPREAD.replace("okx.close - 1", "okx.close * (1 + okx.open_interest / volume)")
    world = two_venues(tmp_path)
    with pytest.raises(error, match=told):
        world.runs.start(compiled(text), said, AGENT)
    assert world.runs.list().runs == ()


def test_eval_gives_the_spread_of_both_files(tmp_path: Path) -> None:
    world = two_venues(tmp_path)
    text = tmp_path / "spread.af"
    text.write_text(SPREAD)
    out = tmp_path / "values.parquet"
    words = ["eval", str(text), "--out", str(out), "--json", "--home", str(world.home.root)]
    assert run_command(words) == 0
    values = pl.read_parquet(out)
    here = rows(world, "perps").rename({"close": "here"})
    there = rows(world, "perps_okx").with_columns(
        pl.col("symbol").str.replace("-USDT-SWAP", "USDT", literal=True)
    )
    both = values.join(here, on=["ts", "symbol"], how="left").join(
        there.rename({"close": "there"}), on=["ts", "symbol"], how="left"
    )
    expected = -(both["here"].to_numpy() / both["there"].to_numpy() - 1.0)
    found = both["value"].to_numpy()
    assert np.isfinite(found).sum() > 1_500
    assert np.array_equal(np.isfinite(found), np.isfinite(expected))
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-15, equal_nan=True)


def test_the_command_takes_a_data_set_for_each_alias(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = two_venues(tmp_path)
    text = tmp_path / "spread.af"
    text.write_text(SPREAD)
    words = ["run", str(text), "--dataset", "perps", "--dataset", "okx=perps_byb"]
    assert run_command([*words, "--json", "--home", str(world.home.root)]) == 0
    told = json.loads(capsys.readouterr().out)
    kept = world.experiments.get(told["experiment_id"])
    assert kept.settings["source.okx"].startswith("perps_byb@")
    again = ["run", told["experiment_id"], "--json", "--home", str(world.home.root)]
    assert run_command(again) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["is_from_memory"]
    assert answer["run_id"] == told["run_id"]


def rows(world: World, name: str) -> pl.DataFrame:
    panel = world.lake.panel(name, ["close"])
    bars, symbols = panel.shape
    return pl.DataFrame(
        {
            "ts": pl.from_epoch(pl.Series(np.repeat(panel.times, symbols)), time_unit="s")
            .dt.replace_time_zone("UTC")
            .dt.cast_time_unit("ms"),
            "symbol": np.tile(np.array(panel.symbols), bars),
            "close": panel.fields["close"].reshape(-1),
        }
    )


def test_no_plan_is_made_of_a_strategy_that_reads_a_venue_no_gateway_hears() -> None:
    with pytest.raises(ConflictError, match="receives the bars of one venue"):
        identity(SPREAD, catalogue(), bar_seconds=3600, packs=Packs({}, {}))
    unread = SPREAD.replace("okx.close", "ts_mean(close, 24h)")
    assert identity(unread, catalogue(), bar_seconds=3600, packs=Packs({}, {})).fingerprint
    assert compile_text(unread, catalogue()).require().sources == ()
