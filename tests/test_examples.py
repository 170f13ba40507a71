"""The examples that ship run as they are, on a simulated market and on the real one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from alphaforge.core.home import Home
from alphaforge.data.market import simulate_market
from alphaforge.server.compose import open_lab
from alphaforge.tests.helpers import KERNEL_CACHE, REPO, real_file
from alphaforge.tests.tool_lab import ask
from alphaforge.tools.lab import Lab

EXAMPLES = sorted((REPO / "examples").glob("*.af"))
TEMPLATES = sorted((REPO / "packs").glob("*/templates/*.af"))
WAIT_S = 120


def run_all(lab: Lab, dataset: str) -> None:
    """Start every example, then wait for each: the service bounds how many work at once."""
    texts = {path.stem: path.read_text() for path in [*EXAMPLES, *TEMPLATES]}
    for text in texts.values():
        assert not ask(lab, "run", text=text, dataset=dataset, wait_s=0).is_error
    for name, text in texts.items():
        done = ask(lab, "run", text=text, dataset=dataset, wait_s=WAIT_S).fields
        assert done["state"] == "completed", (name, done)
        assert done["metrics"]["trades"] > 0, name
        assert done["metrics"]["fees_total"] > 0, name


def test_there_are_six_examples() -> None:
    names = {path.stem for path in EXAMPLES}
    assert names == {"reversal", "momentum", "carry", "low_volatility", "volume_shock", "blend"}


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_every_example_runs_on_the_simulated_market(tmp_path: Path) -> None:
    lab = open_lab(Home(tmp_path, KERNEL_CACHE))
    table, truth = simulate_market(3, bars=24 * 240, start=datetime(2025, 5, 1, tzinfo=UTC))
    lab.lake.import_table(table, "perps_1h", truth.source())
    run_all(lab, "perps_1h")


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.timeout(180)
def test_every_example_runs_on_the_real_market(tmp_path: Path) -> None:
    lab = open_lab(Home(tmp_path, KERNEL_CACHE))
    lab.lake.import_file(real_file("open/binance_usdm_1h_2025.parquet"), "perps_1h")
    run_all(lab, "perps_1h")


@pytest.mark.parametrize("path", [*EXAMPLES, *TEMPLATES], ids=lambda path: path.stem)
def test_what_ships_is_laid_out_as_fmt_would(path: Path) -> None:
    from alphaforge.dsl.layout import format_text

    text = path.read_text(encoding="utf-8")
    assert format_text(text).rstrip("\n") + "\n" == text
