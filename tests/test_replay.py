"""Research accounting against an event-driven engine: one book, told twice, line by line."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alphaforge.core.errors import BrokenError
from alphaforge.core.panel import Panel
from alphaforge.data.card import Source
from alphaforge.data.market import simulate_market
from alphaforge.dsl.compile import compile_text
from alphaforge.dsl.strategy import Costs
from alphaforge.engine.artifacts import load_series
from alphaforge.engine.grid import decision_rows
from alphaforge.engine.simulate import simulate
from alphaforge.execution.replay.files import read_record, write_script
from alphaforge.execution.replay.ledger import Ledger, replayed_ledger, research_ledger
from alphaforge.execution.replay.market import Market, market_of
from alphaforge.execution.replay.script import Script, script_of
from alphaforge.execution.replay.verdict import Verdict, compare
from alphaforge.runs.replay import play
from alphaforge.server.commands.replay import WORKER
from alphaforge.tests.helpers import real_file
from alphaforge.tests.simulated import Matrix, random_panel, random_weights
from alphaforge.tests.test_cli import ENVIRONMENT, alphaforge, answer
from alphaforge.tests.tool_lab import AGENT, lab_at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

START = 1_735_689_600
TEXT = """strategy replayed {
  data      DATASET bar 1h
  universe  top 10 by ts_mean(quote_volume, 3d)
  signal    zscore(rank(-ts_sum(returns(close), 24h) / ts_std(returns(close), 3d)))
  portfolio long_short quantile 0.3, gross 1.5, max_weight 40%
  rebalance every 4h
  delay     1
  costs     taker 5bp, slippage 2bp, funding on
  backtest  WINDOW
}
"""
# The first day is warm-up; 60 days are traded, with a late listing, a delisting and gaps in them.
SYNTHETIC = "2024-01-08 .. 2024-03-07"
COSTS = Costs(taker_bp=Decimal(5), slippage_bp=Decimal(2), has_funding=True)


@dataclass(frozen=True)
class Finished:
    home: Path
    run_id: str
    experiment_id: str


def finished(home: Path, text: str) -> Finished:
    """Run a text in a home that has its data."""
    lab = lab_at(home)
    made = compile_text(text, lab.catalogue)
    view = lab.runs.start(made, "", AGENT)
    view = lab.runs.wait(view.run_id, 60)
    assert not view.error, view.error
    lab.runs.close()
    return Finished(home, view.run_id, view.experiment_id)


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    home = tmp_path_factory.mktemp("replay") / "home"
    table, _ = simulate_market(11, instruments=10, bars=24 * 67)
    lab_at(home).lake.import_table(table, "sim", Source("test", is_synthetic=True))
    return finished(home, TEXT.replace("DATASET", "sim").replace("WINDOW", SYNTHETIC))


def assert_explained(fields: dict[str, Any]) -> None:
    """Hold what a replay said to what is promised."""
    assert fields["is_agreed"] is True
    assert fields["faults"] == []
    assert fields["fills_lone"] == []
    assert 0 < fields["max_bp"] < fields["tolerance_bp"]["total"] / 10
    assert fields["unexplained_max_bp"] < 1e-6
    total = sum(line["final_bp"] for line in fields["lines"])
    assert total == pytest.approx(fields["final_bp"], abs=1e-9)
    groups = {line["group"] for line in fields["lines"]}
    assert groups == {"units", "price gain", "fees", "slippage", "funding", "books"}


def test_T10_ten_perps_over_sixty_days_agree_with_the_event_driven_engine(
    synthetic: Finished, tmp_path: Path
) -> None:
    fields = answer(synthetic.home, "replay", synthetic.run_id, "--out", str(tmp_path / "out"))
    assert_explained(fields)
    assert fields["bars"] == 60 * 24
    assert len(fields["names"]) == 10
    assert fields["engine"].startswith("nautilus_trader 1.")
    assert fields["fills"] > 1000
    # The reports are artifacts of the run, and the folder has the same bytes.
    lab = lab_at(synthetic.home)
    for name in ("replay.html", "replay.json", "replay_fills.csv"):
        kept = lab.runs.artifact(synthetic.run_id, name).read_bytes()
        assert kept == (tmp_path / "out" / name).read_bytes()
    page = lab.runs.artifact(synthetic.run_id, "replay.html").read_text()
    assert "Agreed: equity differs by at most" in page
    assert "a price that has the slippage in it" in page
    assert "Replay less research, 1e-6 bp of capital" in page
    assert ">0.00<" not in page.replace(">0.00<", "", 1)
    rows = lab.runs.artifact(synthetic.run_id, "replay_fills.csv").read_text().splitlines()
    assert len(rows) == fields["fills"] + 1
    series = load_series(lab.runs.artifact(synthetic.run_id, "series.npz"))
    kept_fields = json.loads(lab.runs.artifact(synthetic.run_id, "replay.json").read_text())
    assert len(kept_fields["difference_bp"]) == len(series.equity)


@pytest.mark.real_data
def test_T10_ten_real_perps_over_sixty_days_agree_too(tmp_path: Path) -> None:
    file = real_file("open/binance_usdm_1h_2025.parquet")
    home = tmp_path / "home"
    lab_at(home).lake.import_file(file, "perps")
    window = "2025-09-01 .. 2025-10-30"  # The crash of October is in it.
    text = TEXT.replace("DATASET", "perps").replace("WINDOW", window)
    coins = ["BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "LINK", "1000PEPE", "AAVE", "NEAR"]
    names = ", ".join(f'"{coin}USDT"' for coin in coins)
    text = text.replace("top 10 by ts_mean(quote_volume, 3d)", f"only [{names}]")
    done = finished(home, text)
    # An experiment's id names its run.
    fields = answer(home, "replay", done.experiment_id)
    assert_explained(fields)
    assert fields["bars"] == 60 * 24
    assert len(fields["names"]) == 10


def test_a_missing_extra_is_named_before_anything_is_computed(synthetic: Finished) -> None:
    hidden = (
        "import sys; sys.modules['nautilus_trader'] = None; "
        "from alphaforge.__main__ import main; sys.exit(main())"
    )
    words = ["replay", synthetic.run_id, "--home", str(synthetic.home)]
    done = subprocess.run(
        [sys.executable, "-c", hidden, *words],
        capture_output=True,
        text=True,
        timeout=60,
        env=ENVIRONMENT,
        cwd=synthetic.home.parent,
        check=False,
    )
    assert done.returncode == 3
    assert "pip install 'alphaforge[nautilus]'" in done.stderr


def test_a_ruined_book_is_refused_by_its_code(synthetic: Finished) -> None:
    text = TEXT.replace("DATASET", "sim").replace("WINDOW", SYNTHETIC)
    text = text.replace("long_short quantile 0.3, gross 1.5, max_weight 40%", "top_k 2, gross 10")
    done = finished(synthetic.home, text)
    fields = answer(synthetic.home, "replay", done.run_id, code=1)
    assert fields["code"] == "AF740"
    assert "ruined" in fields["message"]


def test_a_run_whose_own_equity_was_changed_is_not_replayed(synthetic: Finished) -> None:
    text = TEXT.replace("DATASET", "sim").replace("WINDOW", SYNTHETIC).replace("4h", "24h")
    done = finished(synthetic.home, text)
    path = synthetic.home / "artifacts" / done.run_id / "series.npz"
    with np.load(path, allow_pickle=False) as kept:
        columns: dict[str, Any] = {name: kept[name] for name in kept.files}
    columns["equity"] = columns["equity"] * (1 + 1e-15)
    np.savez_compressed(path, **columns)
    fields = answer(synthetic.home, "replay", done.run_id, code=1)
    assert fields["code"] == "AF409"
    assert "series" in fields["help"] or "artifacts" in fields["help"]


def test_a_run_that_is_not_there_is_not_found(synthetic: Finished) -> None:
    code, _out, err = alphaforge(synthetic.home, "replay", "run_nowhere")
    assert code == 1
    assert "there is no run" in err


@dataclass(frozen=True)
class Played:
    """One book on random bars, told by both sides."""

    panel: Panel
    weights: Matrix
    market: Market
    script: Script
    replayed: Ledger

    def held_against(
        self,
        *,
        weights: Matrix | None = None,
        panel: Panel | None = None,
        costs: Costs = COSTS,
        mend: Callable[[Ledger], Ledger] = lambda ledger: ledger,
    ) -> Verdict:
        """Compare the replay with the research accounting of what may be another book."""
        simulation = simulate(
            self.weights if weights is None else weights,
            panel or self.panel,
            rebalance_bars=8,
            delay_bars=1,
            costs=costs,
        )
        ledger = mend(research_ledger(simulation, self.market))
        return compare(self.replayed, ledger, self.market, self.script)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("played")
    panel = random_panel(3, rows=24 * 60, names=10)
    panel = replace(panel, times=panel.times + START)
    weights = random_weights(3, panel) * 0.5
    rows = decision_rows(panel, rebalance_bars=8, delay_bars=1, start_row=0)
    targets, decides = np.zeros(panel.shape), np.zeros(panel.shape[0], dtype=np.bool_)
    targets[rows + 1], decides[rows + 1] = weights[rows], True
    market = market_of(panel, np.arange(10), has_funding=True)
    script = script_of(market, COSTS, targets=targets, decides=decides, capital=1e6)
    write_script(folder, script)
    play(WORKER, folder)
    return Played(panel, weights, market, script, replayed_ledger(read_record(folder), script))


def test_T10_the_lines_add_up_to_the_difference_at_every_bar(played: Played) -> None:
    verdict = played.held_against()
    assert verdict.is_agreed, verdict.faults
    total = np.sum([line.bp for line in verdict.lines], axis=0)
    np.testing.assert_allclose(total, verdict.difference_bp, rtol=0, atol=1e-9)
    assert np.abs(verdict.unexplained_bp).max() < 1e-6
    # Gaps froze orders and a listing ended: both sides did the same there.
    assert (played.market.gone < len(played.market.times)).any()
    assert np.isnan(played.market.open).any()


def first_line(verdict: Verdict) -> str:
    assert not verdict.is_agreed
    return verdict.faults[0]


def test_T10_a_fee_booked_twice_is_told_as_a_fee(played: Played) -> None:
    verdict = played.held_against(costs=replace(COSTS, taker_bp=Decimal(10)))
    assert first_line(verdict).startswith("fees: beyond the fee rate")
    unexplained = [line.group for line in verdict.lines if not line.is_explained]
    large = {line.group for line in verdict.lines if not line.is_explained and line.max_bp > 1e-3}
    assert large == {"fees"} < set(unexplained)


def test_T10_slippage_of_another_rate_is_told_as_slippage(played: Played) -> None:
    verdict = played.held_against(costs=replace(COSTS, slippage_bp=Decimal(3)))
    assert first_line(verdict).startswith("slippage: away from the quote")


def test_T10_funding_of_the_wrong_sign_is_told_as_funding(played: Played) -> None:
    turned = {**played.panel.fields, "funding_rate": -played.panel.fields["funding_rate"]}
    verdict = played.held_against(panel=replace(played.panel, fields=turned))
    assert first_line(verdict).startswith("funding: beyond the rates")


def test_T10_a_fill_that_one_side_lacks_is_told_with_its_name(played: Played) -> None:
    row = int(np.flatnonzero(played.script.decides)[50])
    column = 4
    at = (row, column)
    assert played.replayed.traded[at]

    def dropped(ledger: Ledger) -> Ledger:
        """Leave one trade out of the book and all that follows from it."""
        following = np.flatnonzero(played.script.decides[row + 1 :])[0] + row + 1
        lost = np.zeros(ledger.units.shape)
        lost[row:following, column] = ledger.traded[at]
        gain = ledger.gain - played.market.prices.gain(lost)
        fees, slippage = ledger.fees.copy(), ledger.slippage.copy()
        traded = ledger.traded.copy()
        fees[at] = slippage[at] = traded[at] = 0.0
        mended = replace(
            ledger,
            units=ledger.units - lost,
            gain=gain,
            fees=fees,
            slippage=slippage,
            traded=traded,
        )
        return replace(mended, equity=mended.booked())

    verdict = played.held_against(mend=dropped)
    assert first_line(verdict).startswith("units: held otherwise than decided")
    lone = [fill for fill in verdict.fills if fill.is_lone]
    assert [fill.symbol for fill in lone] == [played.market.symbols[column]]
    assert lone[0].time == int(played.market.times[row])
    assert lone[0].units_research == 0
    assert any(fault.startswith("fills: 1 on one side alone") for fault in verdict.faults)


def test_T10_money_from_nowhere_is_told_as_bookkeeping(played: Played) -> None:
    def richer(ledger: Ledger) -> Ledger:
        late = np.arange(len(ledger.equity)) >= 1000
        return replace(ledger, equity=ledger.equity + np.where(late, 1e-6, 0.0))

    assert first_line(played.held_against(mend=richer)).startswith("books: ")


def test_T10_a_missing_number_is_no_agreement(played: Played) -> None:
    def broken(ledger: Ledger) -> Ledger:
        fees = ledger.fees.copy()
        fees[700, 2] = np.nan
        return replace(ledger, fees=fees)

    assert not played.held_against(mend=broken).is_agreed


def test_a_process_that_dies_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match="No such file"):
        play(WORKER, tmp_path)
