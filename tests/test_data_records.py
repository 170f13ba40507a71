"""Records: by key, once; as they were known; whoever writes at once, and whatever dies."""

from datetime import timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from alphaforge.core.errors import InvalidInputError, NotFoundError
from alphaforge.data.records import Records, RecordSet, Upserted
from alphaforge.tests.record_world import HOUR, LATER, START, bar_table, changed, records_at

CLOSE = ["symbol", "event_at", "close"]


def put(records: Records, table: pa.Table, payload: str = "") -> Upserted:
    return records.upsert("bars", "perps", "binance", table, bar_seconds=3600, payload=payload)


def closes(records: Records, **narrowed: object) -> pl.DataFrame:
    lazy = records.scan("bars", "perps", columns=CLOSE, **narrowed)  # type: ignore[arg-type]
    return lazy.sort("symbol", "event_at").collect()


def test_B3_the_same_rows_again_change_nothing(tmp_path: Path) -> None:
    records, table = records_at(tmp_path), bar_table()
    assert put(records, table) == Upserted(96, 0, 0, 1)
    assert put(records, table) == Upserted(0, 0, 96, 1)
    later = bar_table(hours=60)
    assert put(records, pa.concat_tables([later, later])) == Upserted(24, 0, 216, 2)
    assert records.scan("bars", "perps").collect().height == 120


def test_another_value_is_a_revision_known_from_its_ingestion_on(tmp_path: Path) -> None:
    records, table = records_at(tmp_path), bar_table()
    put(records, table)
    assert put(records, changed(table, 3, "close", 7.0)) == Upserted(0, 1, 95, 2)
    assert closes(records)["close"][3] == 7.0
    assert closes(records, as_of=LATER - HOUR)["close"][3] == 104.0
    assert closes(records, version=1)["close"][3] == 104.0
    assert closes(records).height == closes(records, as_of=LATER - HOUR).height == 96
    assert closes(records, as_of=START + 5 * HOUR).height == 10


def test_B3_reading_an_old_payload_again_does_not_bring_it_back(tmp_path: Path) -> None:
    records, table = records_at(tmp_path), bar_table()
    put(records, table, "first")
    put(records, changed(table, 3, "close", 7.0), "second")
    assert put(records, table, "first") == Upserted(0, 0, 96, 2)
    assert closes(records)["close"][3] == 7.0
    # The source itself may go back on what it said.
    assert put(records, table, "third") == Upserted(0, 1, 95, 3)
    assert closes(records)["close"][3] == 104.0


def test_rows_of_one_batch_that_contradict_are_revisions_in_their_order(tmp_path: Path) -> None:
    records, table = records_at(tmp_path), bar_table("A", 2)
    both = pa.concat_tables([table, changed(table, 1, "close", 5.0)])
    assert put(records, both) == Upserted(2, 1, 1, 1)
    assert put(records, both) == Upserted(0, 0, 4, 1)
    assert closes(records)["close"].to_list() == [101.0, 5.0]


def test_venues_bars_windows_and_columns_are_told_apart(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    put(records, bar_table(hours=24 * 40))
    records.upsert("bars", "perps", "bybit", bar_table("A"), bar_seconds=3600)
    half = timedelta(minutes=30)
    records.upsert("bars", "perps", "bybit", bar_table("A"), bar_seconds=1800)
    assert closes(records, venue="bybit").height == 96
    assert closes(records, venue="bybit", bar_seconds=1800).height == 48
    window = closes(records, venue="binance", start=START + HOUR - half, end=START + 3 * HOUR)
    assert window["event_at"].to_list() == [START + HOUR, START + 2 * HOUR] * 2
    assert records.datasets() == [
        RecordSet(
            "bars",
            "perps",
            ("binance", "bybit"),
            "2025-01-01T00:00:00.000000Z",
            "2025-02-09T23:00:00.000000Z",
            2016,
            3,
            (1800, 3600),
        )
    ]
    months = {
        path.name for path in (tmp_path / "lake/records/perps/bars/venue=binance").rglob("month=*")
    }
    assert months == {"month=2025-01", "month=2025-02"}


def test_a_revised_event_time_replaces_the_earlier_one(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    trade = {"symbol": "A", "trade_id": "7", "price": 1.0, "quantity": 2.0, "side": "buy"}
    edge = START.replace(month=2) - timedelta(seconds=1)
    for at in (edge, edge + timedelta(seconds=2)):
        row = trade | {"event_at": at, "available_at": at}
        records.upsert("trades", "tape", "binance", pa.Table.from_pylist([row]))
    assert records.scan("trades", "tape").collect()["event_at"].to_list() == [
        edge + timedelta(seconds=2)
    ]
    assert records.scan("trades", "tape", end=edge + HOUR).collect().height == 1
    assert records.scan("trades", "tape", end=edge + timedelta(seconds=1)).collect().height == 0


def test_what_is_wrong_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    records = records_at(tmp_path)
    with pytest.raises(NotFoundError, match="no records of kind `bars`"):
        records.scan("bars", "perps")
    with pytest.raises(InvalidInputError, match="`close` of row 1"):
        put(records, changed(bar_table(), 1, "close", -1.0))
    with pytest.raises(InvalidInputError, match="is available before it ends"):
        records.upsert("bars", "perps", "binance", bar_table(), bar_seconds=7200)
    with pytest.raises(InvalidInputError, match="is not a dataset name"):
        records.upsert("bars", "perps", "../x", bar_table(), bar_seconds=3600)
    assert not (tmp_path / "lake").exists()
    put(records, bar_table())
    with pytest.raises(NotFoundError, match="no column `clse`"):
        records.scan("bars", "perps", columns=["clse"])
    with pytest.raises(InvalidInputError, match="has no zone"):
        records.scan("bars", "perps", start=START.replace(tzinfo=None))
