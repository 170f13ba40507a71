"""Panels of several venues on one grid: who belongs to whom, in which units, and what is told."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import InvalidInputError, TamperedError
from alphaforge.core.instruments import AssetClass, Calendar
from alphaforge.core.panel import Panel
from alphaforge.data import Lake
from alphaforge.data.card import Feed
from alphaforge.data.market import simulate_market
from alphaforge.data.market_venue import second_venue
from alphaforge.data.told import Told
from alphaforge.dsl.nodes import Field
from alphaforge.dsl.ops.neutralize import Neutralize
from alphaforge.dsl.ops.rank import Rank
from alphaforge.dsl.ops.ts_mean import TsMean
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.test_data_lake import START, lake_at, put

FIRST = ("AUSDT", "BUSDT", "1000PEPEUSDT", "ZUSDT")
OTHER = ("PEPE-USDT-SWAP", "B-USDT-SWAP", "A-USDT-SWAP", "Q-USDT-SWAP")


def bars(symbols: tuple[str, ...], *, start: int = 0, count: int = 48) -> pl.DataFrame:
    rows = [
        {
            "ts": START + timedelta(hours=hour),
            "symbol": symbol,
            "open": price + hour,
            "high": price + hour + 2.0,
            "low": price + hour - 1.0,
            "close": price + hour + 1.0,
            "volume": 10.0 + hour,
            "mood": 1.0 + hour,
        }
        for price, symbol in enumerate(symbols, 100)
        for hour in range(start, start + count)
    ]
    return pl.DataFrame(rows)


def two_venues(folder: Path, other: pl.DataFrame, told: Told | None = None) -> Lake:
    lake = lake_at(folder)
    lake.import_file(put(folder, bars(FIRST), "first.parquet"), "first")
    lake.import_file(put(folder, other, "other.parquet"), "other", told=told or Told())
    return lake


def joined(lake: Lake, *fields: str, start: datetime | None = None) -> Panel:
    return lake.joined(
        Feed("first", ("close", "volume")), [Feed("other", fields, alias="okx")], start=start
    )


def test_instruments_of_no_known_quote_say_how_it_is_given(tmp_path: Path) -> None:
    panel = joined(two_venues(tmp_path, bars(("A", "B"))), "close")
    told = " | ".join(panel.notes)
    assert "no partner for 1000PEPEUSDT, AUSDT, BUSDT, ZUSDT" in told
    assert "names no quote currency of A, B: import it with `--instruments FILE`" in told


def test_instruments_meet_by_base_and_quote_and_contracts_are_brought_to_one_size(
    tmp_path: Path,
) -> None:
    lake = two_venues(tmp_path, bars(OTHER))
    panel = joined(lake, "close", "volume", "quote_volume")
    alone = lake.panel("other", ["close", "volume", "quote_volume"])
    columns = {name: at for at, name in enumerate(alone.symbols)}
    at = {name: column for column, name in enumerate(panel.symbols)}
    assert panel.symbols == tuple(sorted(FIRST))
    for ours, theirs in (("AUSDT", "A-USDT-SWAP"), ("BUSDT", "B-USDT-SWAP")):
        for name in ("close", "volume"):
            found = panel.fields[f"okx.{name}"][:, at[ours]]
            assert np.array_equal(found, alone.fields[name][:, columns[theirs]])
    pepe = columns["PEPE-USDT-SWAP"]
    coin = at["1000PEPEUSDT"]
    assert np.array_equal(panel.fields["okx.close"][:, coin], alone.fields["close"][:, pepe] * 1000)
    assert np.array_equal(
        panel.fields["okx.volume"][:, coin], alone.fields["volume"][:, pepe] / 1000
    )
    quote = "quote_volume"
    assert np.array_equal(panel.fields[f"okx.{quote}"][:, coin], alone.fields[quote][:, pepe])
    assert np.isnan(panel.fields["okx.close"][:, at["ZUSDT"]]).all()
    assert "okx.quote_volume" in panel.derived
    told = " | ".join(panel.notes)
    assert "no partner for ZUSDT" in told
    assert "PEPE-USDT-SWAP to 1000PEPEUSDT" in told


def test_without_a_unit_contracts_of_other_sizes_stay_apart_and_that_is_said(
    tmp_path: Path,
) -> None:
    panel = joined(two_venues(tmp_path, bars(OTHER)), "close", "mood")
    coin = panel.symbols.index("1000PEPEUSDT")
    assert np.isnan(panel.fields["okx.close"][:, coin]).all()
    assert np.isfinite(panel.fields["okx.mood"][:, panel.symbols.index("AUSDT")]).all()
    assert any("`okx.mood` has no unit" in note and "1000PEPEUSDT" in note for note in panel.notes)


def test_bars_stand_on_the_times_of_the_first_and_are_missing_where_there_are_none(
    tmp_path: Path,
) -> None:
    other = bars(OTHER, start=10, count=60).filter(pl.col("ts") != START + timedelta(hours=20))
    lake = two_venues(tmp_path, other)
    panel = joined(lake, "close")
    found = panel.fields["okx.close"][:, panel.symbols.index("AUSDT")]
    assert np.isnan(found[:10]).all()
    assert np.isnan(found[20])
    assert found[10:20].tolist() == [103.0 + hour for hour in range(10, 20)]
    assert len(found) == 48
    assert any("has bars from 2025-01-01 10:00" in note for note in panel.notes)
    cut = joined(lake, "close", start=START + timedelta(hours=15))
    assert np.array_equal(cut.fields["okx.close"], panel.fields["okx.close"][15:], equal_nan=True)
    assert cut.first_bar == panel.first_bar + 15


def test_of_several_instruments_of_a_pair_the_one_of_the_same_class_is_taken(
    tmp_path: Path,
) -> None:
    spot = (*OTHER[:3], "A-USDT", "B-USDT-251226")
    panel = joined(two_venues(tmp_path, bars(spot)), "close")
    assert panel.fields["okx.close"][0, panel.symbols.index("AUSDT")] == 103.0
    twins = ("A-USDT-SWAP", "AUSDT", "B-USDT-SWAP")
    (tmp_path / "twins").mkdir()
    second = joined(two_venues(tmp_path / "twins", bars(twins)), "close")
    assert np.isnan(second.fields["okx.close"][:, second.symbols.index("AUSDT")]).all()
    assert any("several instruments" in note and "AUSDT" in note for note in second.notes)


def test_another_bar_length_is_refused(tmp_path: Path) -> None:
    daily = bars(OTHER, count=240).filter(pl.col("ts").dt.hour() == 0)
    with pytest.raises(InvalidInputError, match="has bars of 86400 s"):
        joined(two_venues(tmp_path, daily), "close")


def test_what_an_import_says_of_instruments_wins_and_is_in_the_snapshot(tmp_path: Path) -> None:
    sidecar = put(
        tmp_path,
        pl.DataFrame(
            {
                "symbol": ["Q-USDT-SWAP", "A-USDT-SWAP"],
                "base": ["z", None],
                "asset_class": ["spot", "index"],
            }
        ),
        "instruments.csv",
    )
    told = Told(venue="okx", settle="usdt", asset_class="future", instruments=sidecar)
    lake = two_venues(tmp_path, bars(OTHER), told)
    card = lake.card("other")
    infos = {info.symbol: info for info in card.infos()}
    assert infos["Q-USDT-SWAP"].base == "Z"
    assert infos["Q-USDT-SWAP"].asset_class is AssetClass.SPOT
    assert infos["A-USDT-SWAP"].calendar is Calendar.TRADING_DAYS
    assert infos["B-USDT-SWAP"].asset_class is AssetClass.FUTURE
    assert {info.venue for info in card.infos()} == {"okx"}
    panel = joined(lake, "close")
    assert panel.fields["okx.close"][0, panel.symbols.index("ZUSDT")] == 104.0
    plain = lake.import_file(tmp_path / "other.parquet", "plain")
    assert plain.snapshot != card.snapshot
    assert plain.instruments == ()
    assert plain.infos()[0].asset_class is AssetClass.PERPETUAL
    assert all(item.rule != "content_changed" for item in lake.check("other"))


def test_what_a_card_says_of_instruments_cannot_be_changed_unseen(tmp_path: Path) -> None:
    lake = two_venues(tmp_path, bars(OTHER), Told(venue="okx"))
    lake.require_unchanged("other", snapshot=lake.card("other").snapshot)
    file = lake.root / "cards" / "other.json"
    card = json.loads(file.read_text())
    card["instruments"][0]["base"] = "Z"
    file.write_text(json.dumps(card))
    assert "content_changed" in {item.rule for item in lake.check("other")}
    with pytest.raises(TamperedError):
        lake.require_unchanged("other", snapshot=card["snapshot"])


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (Told(venue="O K X"), "is no venue"),
        (Told(settle="US Dollar"), "is no settle"),
        (Told(asset_class="swap"), "is none of"),
    ],
)
def test_a_word_that_cannot_be_is_refused(tmp_path: Path, told: Told, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        two_venues(tmp_path, bars(OTHER), told)


def test_perpetual_fields_come_by_vendor_names_and_are_derived(tmp_path: Path) -> None:
    frame = bars(FIRST).with_columns(
        pl.lit(4.0).alias("Taker_buy_base_asset_volume"),
        pl.lit(7.0).alias("open_interest_base"),
        pl.lit(202.0).alias("mark_close"),
        pl.lit(200.0).alias("index_price"),
        pl.lit(9.0).alias("number_of_trades"),
        pl.lit(1e9).alias("market_cap"),
    )
    lake = lake_at(tmp_path)
    card = lake.import_file(put(tmp_path, frame), "perps")
    names = ["taker_buy_volume", "taker_sell_volume", "open_interest", "basis", "trades", "cap"]
    fields = lake.panel("perps", names).fields
    assert {name: float(values[2, 0]) for name, values in fields.items()} == {
        "taker_buy_volume": 4.0,
        "taker_sell_volume": 8.0,
        "open_interest": 7.0,
        "basis": 202.0 / 200.0 - 1.0,
        "trades": 9.0,
        "cap": 1e9,
    }
    assert {"basis", "cap", "mark", "open_interest", "taker_sell_volume"} <= set(card.derived)
    assert "index" in card.fields


def test_groups_by_name_are_codes_and_hold_from_their_day_on(tmp_path: Path) -> None:
    groups = put(
        tmp_path,
        pl.DataFrame(
            {
                "symbol": ["AUSDT", "AUSDT", "BUSDT", "1000PEPEUSDT"],
                "from": ["2024-01-01", "2025-01-02", "2024-01-01", "2024-01-01"],
                "sector": ["meme", "chain", "chain", "meme"],
            }
        ),
        "groups.csv",
    )
    lake = lake_at(tmp_path)
    path = put(tmp_path, bars(FIRST))
    card = lake.import_file(path, "perps", told=Told(groups=groups))
    panel = lake.panel("perps", ["sector", "close"])
    assert card.labels == (("sector", ("chain", "meme")),)
    assert panel.symbols == ("1000PEPEUSDT", "AUSDT", "BUSDT", "ZUSDT")
    sector = panel.fields["sector"]
    assert sector[0, :3].tolist() == [1.0, 1.0, 0.0]
    assert sector[23:25, 1].tolist() == [1.0, 0.0]
    assert np.isnan(sector[:, 3]).all()
    assert any("1 symbols have no group" in note for note in card.notes)
    assert card.snapshot != lake.import_file(path, "plain").snapshot
    assert all(item.rule != "content_changed" for item in lake.check("perps"))


def test_a_formula_is_neutralised_within_sectors(tmp_path: Path) -> None:
    table, truth = simulate_market(5, instruments=8, bars=200)
    other, source = second_venue(table, truth, seed=6)
    lake = lake_at(tmp_path)
    lake.import_table(other, "okx", source)
    panel = lake.panel("okx", ["close", "sector", "basis", "taker_sell_volume"])
    node = Neutralize(Rank(Field("close")), Field("sector"))
    evaluator = Evaluator(Kernels(KERNEL_CACHE or tmp_path))
    values, ranks = evaluator.evaluate([node, Rank(Field("close"))], panel)
    sector = panel.fields["sector"]
    assert len(np.unique(sector[-1][np.isfinite(sector[-1])])) == 4
    for code in np.unique(sector[-1][np.isfinite(sector[-1])]):
        members = (sector[-1] == code) & np.isfinite(ranks[-1])
        assert np.allclose(values[-1][members], ranks[-1][members] - ranks[-1][members].mean())
    assert np.isfinite(panel.fields["basis"]).any()


def test_the_second_venue_of_a_seed_is_the_same_market_spelled_otherwise() -> None:
    table, truth = simulate_market(5, instruments=6, bars=200)
    one, source = second_venue(table, truth, seed=6, without=("SIM03USDT",))
    again, _ = second_venue(table, truth, seed=6, without=("SIM03USDT",))
    assert one.equals(again)
    assert source.is_synthetic
    names = set(one.column("symbol").to_pylist())
    assert "SIM00-USDT-SWAP" in names
    assert "SIM03-USDT-SWAP" not in names
    rows = table.filter(np.isin(table.column("symbol").to_numpy(zero_copy_only=False), "SIM00USDT"))
    ours = one.filter(
        np.isin(one.column("symbol").to_numpy(zero_copy_only=False), "SIM00-USDT-SWAP")
    )
    spread = rows.column("close").to_numpy() / ours.column("close").to_numpy() - 1
    assert 0.0005 < np.abs(spread).max() < 0.02


def test_where_a_dataset_begins_is_of_no_account_to_a_running_sum(tmp_path: Path) -> None:
    frame = bars(FIRST, count=300).with_columns(pl.col("close") * 1e8 / 7.0)
    frame = frame.with_columns(pl.max_horizontal("high", "close").alias("high"))
    lake = lake_at(tmp_path)
    lake.import_file(put(tmp_path, frame), "whole")
    late = frame.filter(pl.col("ts") >= START + timedelta(hours=37))
    lake.import_file(put(tmp_path, late, "late.parquet"), "late")
    whole, cut = lake.panel("whole", ["close"]), lake.panel("late", ["close"])
    assert cut.first_bar == whole.first_bar + 37 == int(cut.times[0]) // 3600
    evaluator = Evaluator(Kernels(KERNEL_CACHE or tmp_path))
    node = TsMean(Field("close"), 24)
    (first,), (second,) = (evaluator.evaluate([node], panel) for panel in (whole, cut))
    assert np.isfinite(second[23:]).all()
    assert first[37 + 23 :].tobytes() == second[23:].tobytes()


def test_the_order_of_rows_and_columns_is_of_no_account_to_a_panel(tmp_path: Path) -> None:
    frame = bars(FIRST)
    mixed = frame.sample(fraction=1.0, shuffle=True, seed=4).select(sorted(frame.columns))
    lake = Lake(tmp_path / "lake", SteppedClock(datetime(2025, 1, 1, tzinfo=UTC)))
    lake.import_file(put(tmp_path, frame), "straight")
    lake.import_file(put(tmp_path, mixed, "mixed.csv"), "mixed")
    names = ["close", "volume", "vwap"]
    straight, turned = lake.panel("straight", names), lake.panel("mixed", names)
    assert straight.symbols == turned.symbols == tuple(sorted(FIRST))
    assert straight.snapshot == turned.snapshot
    for name in names:
        assert straight.fields[name].tobytes() == turned.fields[name].tobytes()
