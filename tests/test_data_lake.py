"""The lake: what goes in comes out dense, named by its content, and is never lost."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import BrokenError, InvalidInputError, NotFoundError
from alphaforge.data import Lake, card_line
from alphaforge.tests.helpers import real_file

START = datetime(2025, 1, 1, tzinfo=UTC)
HEAVY = ("polars", "duckdb", "pyarrow", "deltalake", "pandas", "numpy", "numba")


def lake_at(path: Path) -> Lake:
    return Lake(path / "lake", SteppedClock(START))


def bars(symbols: str = "ABC", count: int = 48, *, scale: float = 1.0) -> pl.DataFrame:
    rows = [
        {
            "ts": START + timedelta(hours=hour),
            "symbol": f"{symbol}USDT",
            "open": scale * (100.0 + hour + number),
            "high": scale * (102.0 + hour + number),
            "low": scale * (99.0 + hour + number),
            "close": scale * (101.0 + hour + number),
            "volume": 10.0 + hour,
            "funding_rate": 0.0001 * (number + 1) if hour % 8 == 0 else None,
        }
        for number, symbol in enumerate(symbols)
        for hour in range(count)
    ]
    return pl.DataFrame(rows)


def put(folder: Path, frame: pl.DataFrame, name: str = "bars.parquet") -> Path:
    path = folder / name
    frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
    return path


def test_importing_the_data_package_opens_no_heavy_library() -> None:
    code = (
        "import sys, alphaforge.data, alphaforge.data.lake, alphaforge.data.card\n"
        "import alphaforge.data.wording\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_card_is_read_without_a_heavy_library(tmp_path: Path) -> None:
    lake_at(tmp_path).import_file(put(tmp_path, bars()), "perps")
    code = (
        "import sys, pathlib, alphaforge.data as d, alphaforge.core.clock as c\n"
        f"lake = d.Lake(pathlib.Path({str(tmp_path / 'lake')!r}), c.SystemClock())\n"
        "print(lake.cards()[0].rows, lake.card('perps').rows)\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["144 144", "[]"]


def test_what_goes_in_comes_out_dense(tmp_path: Path) -> None:
    frame = bars()
    lake = lake_at(tmp_path)
    card = lake.import_file(put(tmp_path, frame), "perps")
    panel = lake.panel("perps", ["close", "volume"])
    assert (card.bar_seconds, card.rows, panel.shape) == (3600, 144, (48, 3))
    assert panel.symbols == ("AUSDT", "BUSDT", "CUSDT") == card.symbols
    assert panel.times[0] == START.timestamp()
    assert set(np.diff(panel.times)) == {3600}
    assert panel.fields["close"][5].tolist() == [106.0, 107.0, 108.0]
    assert panel.fields["close"].flags.c_contiguous
    assert set(panel.fields) == {"close", "volume"}


def test_a_missing_bar_is_a_row_of_nan(tmp_path: Path) -> None:
    frame = bars().filter(
        ~((pl.col("symbol") == "BUSDT") & pl.col("ts").dt.hour().is_between(3, 5))
    )
    frame = frame.filter(pl.col("ts") != START + timedelta(hours=30))
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, frame), "perps")
    close = lake.panel("perps", ["close"]).fields["close"]
    assert close.shape == (48, 3)
    assert np.isnan(close[3:6, 1]).all()
    assert np.isnan(close[30]).all()
    assert np.isfinite(close[3:6, 0]).all()


def test_funding_is_zero_between_settlements_and_nan_where_there_is_no_bar(tmp_path: Path) -> None:
    frame = bars().filter((pl.col("symbol") != "AUSDT") | (pl.col("ts").dt.day() > 1))
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, frame), "perps")
    funding = lake.panel("perps", ["funding_rate"]).fields["funding_rate"]
    assert np.isnan(funding[:24, 0]).all()
    assert funding[24:33, 0].tolist() == [0.0001, *[0.0] * 7, 0.0001]
    assert funding[0:3, 1].tolist() == [0.0002, 0.0, 0.0]


def test_a_missing_field_names_those_there_are(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, bars().drop("funding_rate")), "perps")
    with pytest.raises(NotFoundError, match="no field `funding_rate`") as caught:
        lake.panel("perps", ["close", "funding_rate"])
    assert "close, high, low, open, volume" in caught.value.help
    with pytest.raises(NotFoundError) as caught:
        lake.panel("perps", ["clse"])
    assert "did you mean `close`?" in caught.value.help


def test_derived_fields_are_flagged_and_follow_their_definition(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    card = lake.import_file(put(tmp_path, bars()), "perps")
    panel = lake.panel("perps", ["high", "low", "close", "volume", "vwap", "quote_volume"])
    f = panel.fields
    assert card.derived == ("quote_volume", "vwap")
    assert panel.derived == {"quote_volume", "vwap"}
    assert np.array_equal(f["vwap"], (f["high"] + f["low"] + f["close"]) / 3)
    assert np.array_equal(f["quote_volume"], f["volume"] * f["vwap"])


def test_a_real_vwap_comes_from_quote_volume_where_there_is_one(tmp_path: Path) -> None:
    frame = bars().with_columns((pl.col("volume") * 100.5).alias("quote_volume"))
    first = (pl.col("symbol") == "AUSDT") & (pl.col("ts") == START)
    frame = frame.with_columns(pl.when(first).then(0.0).otherwise("volume").alias("volume"))
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, frame), "perps")
    panel = lake.panel("perps", ["vwap", "quote_volume"])
    assert panel.derived == {"vwap"}
    assert np.allclose(panel.fields["vwap"][1:], 100.5, rtol=1e-15)
    assert panel.fields["vwap"][0, 0] == (102.0 + 99.0 + 101.0) / 3


def test_a_window_is_a_cut_of_the_whole_and_keeps_the_absolute_bar(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, bars(count=800)), "perps")
    whole = lake.panel("perps", ["close", "vwap"])
    cut = lake.panel(
        "perps",
        ["close", "vwap"],
        start=START + timedelta(hours=30, minutes=20),
        end=START + timedelta(hours=760),
    )
    assert cut.first_bar == int(cut.times[0]) // 3600 == whole.first_bar + 31
    assert cut.shape == (729, 3)
    assert cut.times[0] == whole.times[31]
    assert np.array_equal(cut.fields["vwap"], whole.rows(31, 760).fields["vwap"])
    assert lake.panel("perps", ["close"], start=START - timedelta(days=9)).shape == whole.shape


def test_bars_before_an_instant_are_those_of_a_panel_up_to_it(tmp_path: Path) -> None:
    frame = bars(count=40 * 24).filter((pl.col("symbol") != "BUSDT") | (pl.col("ts").dt.day() > 3))
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, frame), "bars")
    (first, *_) = lake.panel("bars", ["close"]).times
    for count in (0, 5, 24 * 4, 24 * 33):
        end = datetime.fromtimestamp(int(first) + count * 3600, UTC)
        found = lake.bars_before("bars", end)
        if not count:
            assert found == {}
            continue
        panel = lake.panel("bars", ["close"], end=end)
        held = np.isfinite(panel.fields["close"]).sum(axis=0)
        wanted = {name: n for name, n in zip(panel.symbols, held.tolist(), strict=True) if n}
        assert found == wanted


def test_a_window_without_bars_or_without_a_zone_is_refused(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, bars()), "perps")
    with pytest.raises(InvalidInputError, match="has no bar from"):
        lake.panel("perps", ["close"], start=START + timedelta(days=30))
    with pytest.raises(InvalidInputError, match="has no zone"):
        lake.panel("perps", ["close"], end=datetime(2025, 1, 2))  # noqa: DTZ001  # On purpose.


def test_the_snapshot_names_the_content_and_not_the_file(tmp_path: Path) -> None:
    frame = bars()
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=3).select(
        "volume", "symbol", "close", "low", "high", "open", "ts", "funding_rate"
    )
    cards = [
        lake_at(tmp_path / str(number)).import_file(path, "perps")
        for number, path in enumerate(
            [
                put(tmp_path, frame),
                put(tmp_path, shuffled, "shuffled.parquet"),
                put(tmp_path, frame, "text.csv"),
                put(
                    tmp_path, frame.rename({"ts": "Timestamp", "symbol": "asset"}), "named.parquet"
                ),
            ]
        )
    ]
    assert len({card.snapshot for card in cards}) == 1
    other = frame.with_columns(pl.col("close") + 1e-9)
    changed = lake_at(tmp_path).import_file(put(tmp_path, other, "other.parquet"), "perps")
    assert changed.snapshot != cards[0].snapshot


def test_the_snapshot_is_the_same_on_every_machine(tmp_path: Path) -> None:
    # A changed value here orphans every recorded run: change the tag in dense.py along with it.
    card = lake_at(tmp_path).import_file(put(tmp_path, bars()), "perps")
    assert card.snapshot == "snap_3007d87276cf279c3642ed20d1f8327f"


def test_importing_the_same_content_again_changes_nothing(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    first = lake.import_file(put(tmp_path, bars()), "perps")
    before = sorted(path.name for path in (tmp_path / "lake").rglob("*.parquet"))
    again = lake.import_file(put(tmp_path, bars().reverse(), "again.parquet"), "perps")
    assert again == first
    assert sorted(path.name for path in (tmp_path / "lake").rglob("*.parquet")) == before


def test_new_content_makes_a_new_snapshot_and_the_old_one_stays_loadable(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    old = lake.import_file(put(tmp_path, bars("AB", 40)), "perps")
    new = lake.import_file(put(tmp_path, bars("ABC", 48, scale=2.0)), "perps")
    assert new.snapshot != old.snapshot
    assert [card.snapshot for card in new.versions()] == [old.snapshot, new.snapshot]
    panel = lake.panel("perps", ["close"], snapshot=old.snapshot)
    assert (panel.snapshot, panel.shape) == (old.snapshot, (40, 2))
    assert panel.fields["close"][0].tolist() == [101.0, 102.0]
    assert lake.panel("perps", ["close"]).fields["close"][0].tolist() == [202.0, 204.0, 206.0]
    with pytest.raises(NotFoundError, match="no snapshot `snap_gone`"):
        lake.panel("perps", ["close"], snapshot="snap_gone")


def test_going_back_to_earlier_content_writes_no_new_table(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    old = lake.import_file(put(tmp_path, bars()), "perps")
    new = lake.import_file(put(tmp_path, bars(scale=3.0)), "perps")
    back = lake.import_file(put(tmp_path, bars()), "perps")
    assert (back.snapshot, back.table_version) == (old.snapshot, old.table_version)
    assert [card.snapshot for card in back.versions()] == [old.snapshot, new.snapshot]


def test_an_unknown_dataset_gets_the_closest_name(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    assert lake.cards() == []
    lake.import_file(put(tmp_path, bars()), "perps_1h")
    with pytest.raises(NotFoundError) as caught:
        lake.card("perps_h1")
    assert caught.value.help == "did you mean `perps_1h`?"


@pytest.mark.parametrize(
    "name", ["", "Perps", "../perps", "a/b", "a.b", "1h", "a" * 65, "perps\n", "_x", "a b", "é"]
)
def test_d6_a_dataset_name_is_a_registry_key_and_never_a_path(tmp_path: Path, name: str) -> None:
    lake = lake_at(tmp_path)
    path = put(tmp_path, bars())
    with pytest.raises(InvalidInputError, match="is not a dataset name"):
        lake.import_file(path, name)
    with pytest.raises(InvalidInputError, match="is not a dataset name"):
        lake.card(name)
    assert not (tmp_path / "lake").exists()


def test_n2_a_link_in_place_of_a_card_or_table_is_not_followed(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, bars()), "perps")
    root = tmp_path / "lake"
    (root / "cards" / "linked.json").symlink_to(root / "cards" / "perps.json")
    with pytest.raises(BrokenError, match="is a link"):
        lake.card("linked")
    (root / "tables" / "perps").rename(tmp_path / "elsewhere")
    (root / "tables" / "perps").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BrokenError, match="is a link"):
        lake.panel("perps", ["close"])
    with pytest.raises(BrokenError, match="is a link"):
        lake.import_file(put(tmp_path, bars(scale=9.0)), "perps")


def test_n2_a_data_file_that_leads_elsewhere_is_not_read(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, bars()), "perps")
    [part] = (tmp_path / "lake").rglob("*.parquet")
    part.rename(tmp_path / "away.parquet")
    part.symlink_to(tmp_path / "away.parquet")
    with pytest.raises(BrokenError, match="leads elsewhere"):
        lake.panel("perps", ["close"])


def test_importing_again_mends_a_broken_card_and_a_lost_table(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    path = put(tmp_path, bars())
    card = lake.import_file(path, "perps")
    (tmp_path / "lake" / "cards" / "perps.json").write_text("{")
    with pytest.raises(BrokenError, match="cannot be read"):
        lake.card("perps")
    assert lake.import_file(path, "perps").snapshot == card.snapshot
    for part in (tmp_path / "lake").rglob("*.parquet"):
        part.unlink()
    with pytest.raises(BrokenError):
        lake.panel("perps", ["close"])
    lake.import_file(path, "perps")
    assert lake.panel("perps", ["close"]).shape == (48, 3)


def test_a_card_never_serves_a_table_of_another_snapshot(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    old = lake.import_file(put(tmp_path, bars()), "perps")
    (tmp_path / "lake" / "tables" / "perps").rename(tmp_path / "gone")
    lake.import_file(put(tmp_path, bars(scale=5.0)), "perps")
    with pytest.raises(BrokenError, match=f"is not `{old.snapshot}`"):
        lake.panel("perps", ["close"], snapshot=old.snapshot)


def test_a_card_survives_its_own_json(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, bars()), "perps")
    card = lake.import_file(put(tmp_path, bars(scale=2.0)), "perps")
    assert lake_at(tmp_path).card("perps") == card
    stored = json.loads((tmp_path / "lake" / "cards" / "perps.json").read_text())
    assert stored["snapshot"] == card.snapshot
    assert card_line(card).startswith("perps: 3 symbols, 144 bars of 1h, 2025-01-01T00:00")


def test_the_lake_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, bars()), "perps")
    for folder in ("cards", "tables"):
        assert (tmp_path / "lake" / folder).stat().st_mode & 0o077 == 0
    assert (tmp_path / "lake" / "cards" / "perps.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("home", ["it's a home", "50% off", "x#y&z;", "é ü"])
def test_a_home_may_have_any_name(tmp_path: Path, home: str) -> None:
    lake = Lake(tmp_path / home, SteppedClock(START))
    old = lake.import_file(put(tmp_path, bars()), "perps")
    lake.import_file(put(tmp_path, bars(scale=2.0)), "perps")
    assert lake.panel("perps", ["close"], snapshot=old.snapshot).fields["close"][0, 0] == 101.0
    assert lake.panel("perps", ["close"]).fields["close"][0, 0] == 202.0
    assert not [item for item in lake.check("perps") if item.severity.value == "error"]


@pytest.mark.parametrize("home", ["a[b", "a*b", "a?b", "a%20b", "a|b"])
def test_a_home_that_the_engines_would_misread_is_refused(tmp_path: Path, home: str) -> None:
    with pytest.raises(InvalidInputError, match="no table can be kept"):
        Lake(tmp_path / home, SteppedClock(START)).import_file(put(tmp_path, bars()), "perps")


@pytest.mark.real_data
def test_the_real_hourly_panel_imports_as_it_is(tmp_path: Path) -> None:
    path = real_file("open/binance_usdm_1h_2025.parquet")
    lake = lake_at(tmp_path)
    card = lake.import_file(path, "perps_1h")
    raw = pl.read_parquet(path)
    assert (len(card.symbols), card.rows, card.bar_seconds, card.faults) == (22, 145728, 3600, ())
    assert card.notes[0].startswith("survivorship")
    panel = lake.panel("perps_1h", ["close", "mark_close", "funding_rate"])
    assert panel.shape == (6624, 22)
    wide = raw.pivot(on="symbol", index="ts", values="close").sort("ts").select(panel.symbols)
    assert np.array_equal(panel.fields["close"], wide.to_numpy())
    settled = raw.drop_nulls("funding_rate").height
    rates = raw.get_column("funding_rate").fill_null(0.0)
    assert np.count_nonzero(panel.fields["funding_rate"]) == rates.filter(rates != 0).len()
    assert settled == 145728 - 125574
    assert np.isnan(panel.fields["mark_close"]).sum() == 26496


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("file", "bar_seconds", "shape"),
    [
        ("open/binance_usdm_1h_2023.parquet", 3600, (1054, 59)),
        ("open/binance_usdm_15m_2025_mit.parquet", 900, (3635, 14)),
        ("open/spot_btc_pairs_5m_2018.parquet", 300, (5760, 10)),
        ("nolicence/binance_usdm_1d_2024_2026.parquet", 86400, (753, 371)),
        ("nolicence/coinbase_spot_1d_2020_2025.parquet", 86400, (2125, 127)),
        ("nolicence/binance_usdm_1h_top80_2025_2026.parquet", 3600, (3376, 80)),
    ],
)
def test_each_real_panel_keeps_every_row(
    tmp_path: Path, file: str, bar_seconds: int, shape: tuple[int, int]
) -> None:
    path = real_file(file)
    lake = lake_at(tmp_path)
    card = lake.import_file(path, "panel")
    raw = pl.read_parquet(path)
    panel = lake.panel("panel", ["close"])
    assert (card.bar_seconds, panel.shape, card.rows) == (bar_seconds, shape, raw.height)
    assert np.isfinite(panel.fields["close"]).sum() == raw.height
    assert np.nansum(panel.fields["close"]) == pytest.approx(raw.get_column("close").sum())
