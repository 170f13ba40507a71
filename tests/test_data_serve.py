"""Serving: a request becomes a plan and a panel, the same on every engine and at every time."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import InvalidInputError, NotFoundError
from alphaforge.core.panel import Panel
from alphaforge.data import Lake
from alphaforge.data.quality.checks import locked_down
from alphaforge.data.serve import PanelRequest, planned, served
from alphaforge.tests.helpers import real_file
from alphaforge.tests.record_world import HOUR, LATER, START, bar_table, changed
from alphaforge.tests.test_data_command import alphaforge, bars_file
from alphaforge.tests.test_data_refresh import MINUTE, at, full, lake_at, put, put_bars

FIELDS = ("open", "high", "low", "close", "volume", "vwap", "funding_rate", "mark", "open_interest")


def same(first: Panel, second: Panel) -> bool:
    assert (first.symbols, first.snapshot, first.notes) == (
        second.symbols,
        second.snapshot,
        second.notes,
    )
    assert (first.first_bar, first.derived) == (second.first_bar, second.derived)
    np.testing.assert_array_equal(first.times, second.times)
    assert set(first.fields) == set(second.fields)
    return all(
        first.fields[name].tobytes() == second.fields[name].tobytes() for name in first.fields
    )


def both(lake: Lake, request: PanelRequest) -> Panel:
    """Read with every engine; they must agree to the byte."""
    panel = served(lake, request)
    assert same(panel, served(lake, request, backend="duckdb"))
    return panel


def messy(path: Path, hours: int = 24 * 70) -> Lake:
    """A file with holes, faults, late listings and cells out of range, over three months."""
    rng = np.random.default_rng(7)
    frames = []
    for number in range(4):
        close = 100.0 * np.exp(np.cumsum(rng.normal(0, 0.01, hours)))
        open_ = np.roll(close, 1)
        volume = rng.uniform(0, 9, hours)
        volume[rng.random(hours) < 0.02] = -1.0
        frame = pl.DataFrame(
            {
                "ts": [START + hour * HOUR for hour in range(hours)],
                "symbol": f"S{number}USDT",
                "open": open_,
                "high": np.maximum(open_, close) * 1.001,
                "low": np.minimum(open_, close) * (1.001 if number == 1 else 0.999),
                "close": close,
                "volume": volume,
                "funding_rate": [
                    0.0001 * number if hour % 8 == 0 else None for hour in range(hours)
                ],
                "mark_close": close * 1.0001,
            }
        )
        frame = frame.filter(pl.Series(rng.random(hours) > 0.03))
        frames.append(frame.slice(200 * number))
    pl.concat(frames).write_parquet(path / "messy.parquet")
    lake = lake_at(path)
    lake.import_file(path / "messy.parquet", "messy")
    return lake


def test_B5_a_plan_over_stored_bars_gives_the_lakes_own_panel(tmp_path: Path) -> None:
    lake = messy(tmp_path)
    fields = ("close", "volume", "vwap", "funding_rate", "mark")
    window = (START + 40 * 24 * HOUR, START + 50 * 24 * HOUR)
    for start, end in ((None, None), window):
        panel = both(lake, PanelRequest("messy", fields, start=start, end=end))
        assert same(panel, lake.panel("messy", fields, start=start, end=end))


def test_B5_longer_bars_are_what_an_independent_reckoning_says(tmp_path: Path) -> None:
    lake = messy(tmp_path)
    fields = ("open", "high", "low", "close", "volume", "funding_rate", "mark")
    panel = both(lake, PanelRequest("messy", fields, bar_seconds=4 * 3600))
    fine = lake.panel("messy", fields)
    hour = pl.from_numpy(fine.times, ["ts"])["ts"]
    assert panel.first_bar == panel.times[0] // 14400
    for column, symbol in enumerate(panel.symbols):
        frame = pl.DataFrame({"ts": hour, **{n: fine.fields[n][:, column] for n in fields}})
        frame = frame.with_columns(pl.col(fields).fill_nan(None)).drop_nulls("close")
        made = frame.group_by(pl.col("ts") // 14400 * 14400).agg(
            pl.col("ts").max().alias("end"),
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.when(pl.col("volume").null_count() == 0)
            .then(pl.col("volume").sum())
            .alias("volume"),
            pl.col("funding_rate").sum(),
            pl.col("mark").last(),
        )
        made = made.filter(pl.col("end") == pl.col("ts") + 3 * 3600)
        want = pl.DataFrame({"ts": panel.times}).join(made, on="ts", how="left")
        for name in fields:
            np.testing.assert_allclose(
                panel.fields[name][:, column],
                want[name].fill_null(float("nan")).to_numpy(),
                rtol=1e-12,
                err_msg=f"{symbol} {name}",
            )
        assert np.isfinite(panel.fields["close"]).any()


def test_no_cell_depends_on_where_the_window_begins_or_ends(tmp_path: Path) -> None:
    lake = messy(tmp_path)
    whole = served(lake, PanelRequest("messy", ("close", "volume"), bar_seconds=86400))
    start, end = START + timedelta(days=9, hours=5), START + timedelta(days=20, hours=1)
    part = served(lake, PanelRequest("messy", ("close", "volume"), 86400, start, end))
    assert part.times[0] == (START + timedelta(days=10)).timestamp()
    assert part.times[-1] == (START + timedelta(days=20)).timestamp()
    at_ = part.first_bar - whole.first_bar
    for name, values in part.fields.items():
        assert values.tobytes() == whole.fields[name][at_ : at_ + len(values)].tobytes()


def test_a_bar_that_is_not_over_is_left_out_and_said(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    put_bars(lake, bar_table("AB", 46))
    lake.refresh("perps")
    panel = both(lake, PanelRequest("perps", ("close", "volume"), bar_seconds=4 * 3600))
    assert panel.shape == (11, 2)
    assert "the last bar is left out: it was not over" in panel.notes
    assert panel.fields["volume"][0, 0] == 10 + 11 + 12 + 13
    known = both(lake, PanelRequest("perps", ("close",), 4 * 3600, as_of=START + 11 * HOUR))
    assert known.shape == (2, 2)
    with pytest.raises(InvalidInputError, match="no whole bar"):
        served(lake, PanelRequest("perps", ("close",), 4 * 3600, as_of=START + 3 * HOUR))


@pytest.mark.parametrize("bar", [0, 4 * 3600])
def test_B2_a_panel_as_of_an_instant_is_the_one_built_then(tmp_path: Path, bar: int) -> None:
    clock = SteppedClock(LATER)
    lake = Lake(tmp_path / "lake", clock)
    put_bars(lake)
    put(lake, "funding", [at(8 * turn, rate=0.0001 * (turn + 1)) for turn in range(4)])
    put(lake, "marks", [at(hour / 2, mark=100.0 + hour, index=99.0) for hour in range(96)])
    put(lake, "open_interest", [at(hour, 5 * MINUTE, base=50.0 + hour) for hour in range(1, 40)])
    now = clock.now()
    then = both(lake, PanelRequest("perps", FIELDS, bar, as_of=now))
    clock.advance(HOUR)
    put_bars(lake, changed(bar_table("AB"), 5, "close", 106.5))
    put_bars(lake, bar_table("AC", start=LATER))
    put(lake, "funding", [at(8, rate=0.5)])
    put(lake, "marks", [at(hour, mark=200.0 + hour) for hour in range(1, 48)])
    assert same(both(lake, PanelRequest("perps", FIELDS, bar, as_of=now)), then)
    today = both(lake, PanelRequest("perps", FIELDS, bar))
    assert today.snapshot != then.snapshot
    # Of what was known while bars came in, more and more: no cell changes afterwards.
    early = both(lake, PanelRequest("perps", ("close", "volume"), bar, as_of=START + 20 * HOUR))
    assert early.times[-1] + early.bar_seconds <= (START + 20 * HOUR).timestamp()
    late = both(lake, PanelRequest("perps", ("close", "volume"), bar, as_of=START + 40 * HOUR))
    assert early.symbols == late.symbols[: len(early.symbols)]
    for name, values in early.fields.items():
        assert values.tobytes() == late.fields[name][: len(values)].tobytes()


def test_records_as_of_an_instant_say_what_a_refresh_as_of_it_says(tmp_path: Path) -> None:
    lake = full(tmp_path)
    put(lake, "open_interest", [at(3, 60 * HOUR, base=9.0)])
    for hours in (13, 48, 24 * 200):
        as_of = START + hours * HOUR
        lake.refresh("perps", as_of=as_of)
        there = [name for name in FIELDS if name in {*lake.card("perps").fields, "vwap"}]
        start, end = START + 4 * HOUR, START + 40 * HOUR
        want = lake.panel("perps", there, start=start, end=end)
        request = PanelRequest("perps", tuple(there), start=start, end=end, as_of=as_of)
        found = both(lake, request)
        assert found.symbols == want.symbols
        for name in there:
            assert found.fields[name].tobytes() == want.fields[name].tobytes(), name


def test_what_cannot_be_answered_is_refused(tmp_path: Path) -> None:
    lake = messy(tmp_path, 24 * 30)
    put_bars(lake)
    for request, error, match in (
        (PanelRequest("messy", ("clse",)), NotFoundError, "did you mean|no field"),
        (PanelRequest("messy", ("close",), 5400), InvalidInputError, "cannot be made"),
        (PanelRequest("messy", ("close",), as_of=LATER), InvalidInputError, "came from a file"),
        (PanelRequest("messy", ("close",), symbols=("X",)), NotFoundError, "no symbol"),
        (PanelRequest("messy", ("close",), start=LATER), InvalidInputError, "no bar from"),
        (PanelRequest("perps", ("close",), as_of=START), InvalidInputError, "no bar"),
        (PanelRequest("perps", ("close",), venue="okx"), InvalidInputError, "no bars with venue"),
        (PanelRequest("nothing", ("close",)), NotFoundError, "nothing"),
    ):
        with pytest.raises(error, match=match):
            served(lake, request)
    with pytest.raises(NotFoundError, match="no engine"):
        served(lake, PanelRequest("messy", ("close",)), backend="dbase")


def test_symbols_that_are_asked_for_are_those_that_are_served(tmp_path: Path) -> None:
    lake = messy(tmp_path)
    panel = both(lake, PanelRequest("messy", ("close",), symbols=("S2USDT", "S0USDT")))
    assert panel.symbols == ("S0USDT", "S2USDT")
    whole = lake.panel("messy", ["close"])
    assert whole.symbols == ("S0USDT", "S2USDT", "S3USDT")
    assert panel.fields["close"].tobytes() == whole.fields["close"][:, [0, 1]].tobytes()
    put_bars(lake)
    assert both(lake, PanelRequest("perps", ("close",), symbols=("BUSDT",))).symbols == ("BUSDT",)


def test_the_command_line_explains_what_would_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    lake = Lake(home / "lake", SteppedClock(LATER))
    put_bars(lake, bar_table("AB", 24 * 90))
    put(lake, "funding", [at(8 * turn, rate=0.0001) for turn in range(270)])
    put(lake, "marks", [at(hour, mark=100.0 + hour) for hour in range(24 * 90)])
    words = ["data", "explain", "perps", "--fields", "close", "funding_rate", "--bar", "4h"]
    words += ["--start", "2025-02-10T00:00:00Z", "--end", "2025-02-12T00:00:00Z"]
    code, told = alphaforge(home, capsys, *words, "--as-of", "2025-05-30T00:00:00Z")
    assert code == 0, told
    assert [read["kind"] for read in told["reads"]] == ["bars", "funding"]
    for read in told["reads"]:
        assert [file["month"] for file in read["files"]] == ["2025-02"]
        assert read["pruned_months"] == ["2025-01", "2025-03"]
    assert "volume" not in told["reads"][0]["columns"]
    sizes = {file.name: file.stat().st_size for file in home.rglob("*.parquet")}
    assert told["bytes"] == sum(sizes[f["name"]] for read in told["reads"] for f in read["files"])
    assert told["resampling"] == {"close": "last", "funding_rate": "sum"}
    lake.refresh("perps")
    code, told = alphaforge(home, capsys, *words)
    assert (told["reads"][0]["kind"], told["snapshot"]) == ("snapshot", lake.card("perps").snapshot)
    assert told["reads"][0]["pruned_months"] == ["2025-01", "2025-03"]
    code, told = alphaforge(home, capsys, *words, "--bar", "90m")
    assert (code, told["code"]) == (1, "AF901"), told


def test_the_plan_is_what_is_read(tmp_path: Path) -> None:
    """Files that the plan leaves out may as well be gone."""
    lake = messy(tmp_path)
    start = datetime(2025, 2, 3, tzinfo=UTC)
    request = PanelRequest("messy", ("close",), 4 * 3600, start, start + 48 * HOUR)
    (read,) = planned(lake, request).reads
    assert (len(read.files), len(read.pruned)) == (1, 2)
    want = both(lake, request)
    for file in read.pruned:
        Path(file.path).write_bytes(b"gone")
    assert same(both(lake, request), want)


def test_the_second_engine_reads_nothing_beside_the_plans_folders(tmp_path: Path) -> None:
    import duckdb

    lake = messy(tmp_path)
    bars_file(tmp_path)
    (read,) = planned(lake, PanelRequest("messy", ("close",))).reads
    with locked_down(*sorted({Path(file.path).parent for file in read.files})) as connection:
        for statement in (
            f"SELECT * FROM read_csv('{tmp_path / 'bars.csv'}')",
            "SET enable_external_access = true",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.timeout(120)
def test_B5_engines_agree_over_the_real_hourly_panel(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    lake.import_file(real_file("open/binance_usdm_1h_2025.parquet"), "perps")
    fields = ("open", "high", "low", "close", "volume", "funding_rate", "mark", "vwap")
    panel = both(lake, PanelRequest("perps", fields))
    assert same(panel, lake.panel("perps", fields))
    daily = both(lake, PanelRequest("perps", fields, 86400))
    assert daily.shape[1] == panel.shape[1] == 22
    assert np.isfinite(daily.fields["close"]).mean() > 0.9
