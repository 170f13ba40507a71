"""Datasets out of records: what runs read is what was known, and says where it came from."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import InvalidInputError, NotFoundError
from alphaforge.core.instruments import AssetClass
from alphaforge.data import Lake
from alphaforge.tests.record_world import HOUR, LATER, START, bar_table, changed
from alphaforge.tests.test_data_command import alphaforge

MINUTE = timedelta(minutes=1)


def lake_at(path: Path) -> Lake:
    return Lake(path / "lake", SteppedClock(LATER))


def put(lake: Lake, kind: str, rows: list[dict[str, object]], venue: str = "binance") -> None:
    lake.records.upsert(kind, "perps", venue, pa.Table.from_pylist(rows))


def put_bars(lake: Lake, table: pa.Table | None = None) -> None:
    table = bar_table() if table is None else table
    lake.records.upsert("bars", "perps", "binance", table, bar_seconds=3600)


def at(hours: float, late: timedelta = timedelta(), **said: object) -> dict[str, object]:
    event = START + hours * HOUR
    return {"symbol": "AUSDT", "event_at": event, "available_at": event + late, **said}


def full(path: Path) -> Lake:
    lake = lake_at(path)
    put_bars(lake)
    put(lake, "funding", [at(8 * turn + 7e-7, rate=0.0001 * (turn + 1)) for turn in range(4)])
    put(lake, "marks", [at(hour / 2, mark=100.0 + hour, index=99.0 + hour) for hour in range(96)])
    put(lake, "open_interest", [at(hour, 5 * MINUTE, base=50.0 + hour) for hour in range(1, 40)])
    return lake


def test_bars_funding_marks_and_open_interest_stand_on_one_grid(tmp_path: Path) -> None:
    lake = full(tmp_path)
    card = lake.refresh("perps")
    assert (card.bar_seconds, card.rows, card.symbols) == (3600, 96, ("AUSDT", "BUSDT"))
    assert dict(card.records) == {"bars": 1, "funding": 1, "marks": 1, "open_interest": 1}
    assert {info.venue for info in card.infos()} == {"binance"}
    fields = ["close", "funding_rate", "mark", "open_interest", "basis"]
    panel = lake.panel("perps", fields).fields
    np.testing.assert_array_equal(panel["close"][:, 0], 101.0 + np.arange(48))
    assert list(np.flatnonzero(panel["funding_rate"][:, 0])) == [0, 8, 16, 24]
    # The mark at a bar's end is the last that is known of the bar.
    assert panel["mark"][0, 0] == 102.0
    # Open interest of 1:00 was published at 1:05: it is known at the end of the bar from 1 to 2.
    assert np.isnan(panel["open_interest"][0, 0])
    assert panel["open_interest"][1, 0] == 51.0
    assert np.isnan(panel["mark"][:, 1]).all()
    lake.require_unchanged("perps", snapshot=card.snapshot)
    assert lake.check("perps")


def test_what_is_known_again_is_the_same_snapshot(tmp_path: Path) -> None:
    lake = full(tmp_path)
    card = lake.refresh("perps")
    put_bars(lake)
    assert lake.refresh("perps").snapshot == card.snapshot


def test_B2_a_panel_as_of_an_instant_built_later_is_the_one_built_then(tmp_path: Path) -> None:
    clock = SteppedClock(LATER)
    lake = Lake(tmp_path / "lake", clock)
    put_bars(lake)
    put(lake, "marks", [at(hour, mark=100.0 + hour) for hour in range(1, 48)])
    then, now = lake.refresh("perps"), clock.now()
    clock.advance(HOUR)
    put_bars(lake, changed(bar_table(), 5, "close", 106.5))
    put(lake, "marks", [at(hour, mark=200.0 + hour) for hour in range(1, 48)])
    later = lake.refresh("perps")
    assert later.snapshot != then.snapshot
    # A revised mark keeps its place on the grid.
    assert lake.panel("perps", ["mark"]).fields["mark"][0, 0] == 201.0
    again = lake.refresh("perps", as_of=now)
    assert again.snapshot == then.snapshot
    assert again.at(later.snapshot) is not None
    early = lake.refresh("perps", as_of=START + 10 * HOUR)
    assert early.rows == 20
    assert lake.panel("perps", ["mark"]).fields["mark"][-1, 0] == 110.0


def test_instruments_of_records_describe_the_symbols(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    put_bars(lake)
    said: dict[str, Any] = {"base": "AA", "quote": "USDT", "settle": "USDT", "status": "trading"}
    put(lake, "instruments", [at(0, contract_type="spot", **said)])
    first, second = lake.refresh("perps").infos()
    assert (first.base, first.asset_class) == ("AA", AssetClass.SPOT)
    assert (second.base, second.asset_class) == ("B", AssetClass.PERPETUAL)


def test_what_is_unclear_or_absent_is_refused(tmp_path: Path) -> None:
    lake = lake_at(tmp_path)
    with pytest.raises(NotFoundError, match="no records of kind `bars`"):
        lake.refresh("perps")
    put_bars(lake)
    lake.records.upsert("bars", "perps", "bybit", bar_table("A"), bar_seconds=3600)
    with pytest.raises(InvalidInputError, match="name the venue"):
        lake.refresh("perps")
    with pytest.raises(InvalidInputError, match="no bars with venue okx"):
        lake.refresh("perps", venue="okx")
    assert lake.refresh("perps", venue="bybit").symbols == ("AUSDT",)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_command_line_refreshes_what_eval_and_run_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, out = tmp_path / "home", tmp_path / "values.parquet"
    # The latest row of a bar counts, whichever batch brought it.
    table = changed(bar_table("ABCD", 24 * 20), 30, "close", 130.5)
    put_bars(Lake(home / "lake", SteppedClock(LATER)), bar_table("ABCD", 24 * 20))
    put_bars(Lake(home / "lake", SteppedClock(LATER)), table)
    code, card = alphaforge(home, capsys, "data", "refresh", "perps")
    assert (code, card["records"], card["rows"]) == (0, [["bars", 2]], 4 * 480)
    words = ("eval", "-e", "delta(close, 1)", "--dataset", "perps", "--out", str(out))
    code, told = alphaforge(home, capsys, *words)
    assert code == 0, told
    values = pl.read_parquet(out).filter(pl.col("symbol") == "AUSDT")["value"]
    assert values[30] == 0.5
    text = tmp_path / "s.af"
    text.write_text("strategy s {\ndata perps bar 1h\nsignal rank(-delta(close, 4))\n}\n")
    code, done = alphaforge(home, capsys, "run", str(text))
    assert code == 0, done
    assert card["snapshot"] in json.dumps(done)
    code, found = alphaforge(home, capsys, "search", "perps", "--scope", "datasets")
    assert card["snapshot"] in json.dumps(found)
