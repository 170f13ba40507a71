"""Messy files: each either a clear refusal, or a note and a finding that say what was left out."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings

from alphaforge.core.clock import SystemClock
from alphaforge.core.errors import AlphaForgeError, InvalidInputError
from alphaforge.data import DatasetCard, Lake
from alphaforge.data.normal import normal

START = datetime(2025, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def bars(symbols: str = "AB", count: int = 30) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "ts": START + bar * HOUR,
                "symbol": symbol,
                "open": 10.0,
                "high": 12.0,
                "low": 9.0,
                "close": 11.0,
                "volume": 5.0,
            }
            for symbol in symbols
            for bar in range(count)
        ]
    )


def at(bar: int, symbol: str = "A") -> pl.Expr:
    return (pl.col("symbol") == symbol) & (pl.col("ts") == START + bar * HOUR)


def with_cell(frame: pl.DataFrame, column: str, value: float | None, bar: int = 5) -> pl.DataFrame:
    cell = pl.lit(value, dtype=pl.Float64)
    return frame.with_columns(pl.when(at(bar)).then(cell).otherwise(column).alias(column))


def take(
    folder: Path, frame: pl.DataFrame, name: str = "messy.parquet"
) -> tuple[Lake, DatasetCard]:
    path = folder / name
    frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
    lake = Lake(folder / "lake", SystemClock())
    return lake, lake.import_file(path, "messy")


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("close", 0.0, "price_not_positive"),
        ("low", -1.0, "price_not_positive"),
        ("open", None, "price_missing"),
        ("close", float("nan"), "price_missing"),
        ("high", float("inf"), "price_missing"),
        ("high", 10.5, "ohlc_order"),
        ("low", 10.5, "ohlc_order"),
    ],
)
def test_a_bar_that_cannot_be_is_left_out_kept_and_reported(
    tmp_path: Path, column: str, value: float | None, rule: str
) -> None:
    frame = with_cell(bars(), column, value)
    lake, card = take(tmp_path, frame)
    assert card.faults == ((rule, 1),)
    assert card.rows == frame.height - 1
    assert any(f"1 {rule}" in note for note in card.notes)
    close = lake.panel("messy", ["close"]).fields["close"]
    assert np.isnan(close[5, 0])
    assert np.isfinite(np.delete(close, 5, axis=0)).all()
    found = [item for item in lake.check("messy") if item.rule == rule]
    assert [(item.symbol, item.severity.value, item.first[:13]) for item in found] == [
        ("A", "error", "2025-01-01T05")
    ]
    assert any(item.rule == "gap" and item.symbol == "A" for item in lake.check("messy"))


def test_an_equal_row_twice_is_counted_once(tmp_path: Path) -> None:
    frame = pl.concat([bars(), bars().filter(at(3) | at(4, "B"))])
    lake, card = take(tmp_path, frame)
    assert card.faults == (("duplicate", 2),)
    assert np.isfinite(lake.panel("messy", ["close"]).fields["close"]).all()
    assert [item.severity.value for item in lake.check("messy")] == ["warning", "warning"]


def test_rows_that_contradict_each_other_are_all_left_out(tmp_path: Path) -> None:
    other = bars().filter(at(3)).with_columns(pl.lit(11.5).alias("close"))
    lake, card = take(tmp_path, pl.concat([bars(), other]))
    assert card.faults == (("duplicate_conflict", 2),)
    assert np.isnan(lake.panel("messy", ["close"]).fields["close"][3, 0])


def test_of_a_bad_and_a_good_row_of_one_bar_the_good_one_is_served(tmp_path: Path) -> None:
    zero = bars().filter(at(3)).with_columns(pl.lit(0.0).alias("close"))
    lake, card = take(tmp_path, pl.concat([zero, bars()]))
    assert card.faults == (("price_not_positive", 1),)
    assert lake.panel("messy", ["close"]).fields["close"][3, 0] == 11.0


def test_a_cell_outside_its_domain_is_served_as_nan_and_noted(tmp_path: Path) -> None:
    frame = bars().with_columns(pl.lit(10.5).alias("mark_open"), pl.lit(1.0).alias("score"))
    frame = with_cell(frame, "volume", -3.0)
    frame = with_cell(frame, "mark_open", 0.0, bar=6)
    frame = with_cell(frame, "score", float("-inf"), bar=7)
    lake, card = take(tmp_path, frame)
    notes = " | ".join(card.notes)
    for name in ("volume", "mark_open", "score"):
        assert f"1 cells of `{name}` are out of range and served as nan" in notes
    panel = lake.panel("messy", ["volume", "mark_open", "score", "quote_volume"])
    assert np.isnan(panel.fields["volume"][5, 0])
    assert np.isnan(panel.fields["quote_volume"][5, 0])
    assert np.isnan(panel.fields["mark_open"][6, 0])
    assert np.isnan(panel.fields["score"][7, 0])
    assert [item.symbol for item in lake.check("messy") if item.rule == "volume_missing"] == ["A"]


def test_a_symbol_with_one_bar_is_kept_and_named(tmp_path: Path) -> None:
    lake, card = take(tmp_path, pl.concat([bars(), bars("C", 1)]))
    assert "symbols with a single bar: C" in card.notes
    assert lake.panel("messy", ["close"]).shape == (30, 3)
    assert any(item.rule == "single_bar" for item in lake.check("messy"))


def test_text_columns_are_left_out_and_named_and_renames_are_told(tmp_path: Path) -> None:
    frame = bars().with_columns(pl.lit("spot").alias("venue"), pl.lit(3).alias("OpenInterestUSD"))
    lake, card = take(tmp_path, frame)
    assert "column `venue` left out: it holds text" in card.notes
    assert "columns renamed: OpenInterestUSD -> open_interest_usd" in card.notes
    assert lake.panel("messy", ["open_interest_usd"]).fields["open_interest_usd"][0, 0] == 3.0


def test_a_stray_row_off_the_grid_is_left_out(tmp_path: Path) -> None:
    stray = bars("A", 1).with_columns(pl.col("ts") + timedelta(minutes=7))
    _lake, card = take(tmp_path, pl.concat([bars("AB", 80), stray]))
    assert card.faults == (("off_grid", 1),)


def shifted(minutes: int) -> pl.DataFrame:
    return bars().with_columns(pl.col("ts") + timedelta(minutes=minutes))


def coarse(step: timedelta, symbol: str, count: int) -> pl.DataFrame:
    return bars(symbol, count).with_columns(
        (START + (pl.col("ts") - START) * int(step / HOUR)).alias("ts")
    )


REFUSED: list[tuple[str, Callable[[], pl.DataFrame], str]] = [
    ("no ts", lambda: bars().drop("ts"), "no column holds times"),
    ("no symbol", lambda: bars().drop("symbol"), "no column holds symbols"),
    ("two times", lambda: bars().rename({"ts": "date"}).with_columns(time=1), "could all hold"),
    ("no numbers", lambda: bars().select("ts", "symbol"), "no column of numbers"),
    ("no row", lambda: bars().clear(), "holds no row"),
    ("one bar each", lambda: bars("ABC", 1), "bar length is unknown"),
    ("half an hour off", lambda: shifted(30), "do not open on the UTC grid of 1h"),
    ("two lengths", lambda: pl.concat([bars(), coarse(24 * HOUR, "C", 9)]), "lengths are mixed"),
    ("length changes", lambda: pl.concat([bars("A", 90), later("A", 40)]), "lengths are mixed"),
    ("null ts", lambda: bars().with_columns(ts=pl.when(~at(2)).then("ts")), "rows have no time"),
    (
        "null symbol",
        lambda: bars().with_columns(symbol=pl.when(~at(2)).then("symbol")),
        "no symbol",
    ),
    ("odd symbol", lambda: bars().with_columns(symbol=pl.lit("a\nb")), "is not a symbol"),
    ("list symbol", lambda: bars().with_columns(symbol=pl.concat_list("open")), "symbols are"),
    ("text price", lambda: bars().with_columns(close=pl.lit("n/k")), "holds `n/k`, not numbers"),
    ("list price", lambda: bars().with_columns(close=pl.concat_list("open")), "not numbers"),
    ("twin fields", lambda: bars().with_columns(Close=1.0), "are both `close`"),
    ("unnamable", lambda: bars().with_columns(pl.lit(1.0).alias("1%")), "cannot be a field"),
    ("all bad", lambda: bars().with_columns(close=0.0), "no row can be served: 60 price_not"),
    ("bool ts", lambda: bars().with_columns(ts=pl.lit(value=True)), "times are Boolean"),
    ("odd epoch", lambda: bars().with_columns(ts=pl.lit(-5)), "are no epoch in one unit"),
    (
        "sub-second",
        lambda: bars().with_columns(pl.col("ts") - timedelta(milliseconds=1)),
        "whole s",
    ),
    ("year 2262", lambda: bars().with_columns(pl.col("ts").dt.offset_by("237y")), "outside 1970"),
]


def later(symbol: str, count: int) -> pl.DataFrame:
    return coarse(4 * HOUR, symbol, count).with_columns(pl.col("ts") + timedelta(days=10))


@pytest.mark.parametrize(
    ("make", "message"), [row[1:] for row in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_cannot_be_trusted_is_refused_with_a_next_move(
    tmp_path: Path, make: Callable[[], pl.DataFrame], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message) as caught:
        take(tmp_path, make())
    assert caught.value.help
    assert not (tmp_path / "lake").exists()


FILES: list[tuple[str, bytes, str]] = [
    ("words.parquet", b"once upon a time\n", "holds no row"),
    ("half.parquet", b"PAR1" + b"\x00" * 40, "cannot be read to its end"),
    ("bytes.csv", bytes(range(128, 256)) * 9, "neither Parquet nor CSV"),
    ("twins.csv", b"ts,symbol,close,close\n1,A,2,3\n", "two columns `close`"),
    ("packed.csv", b"\x1f\x8b\x08\x00" + b"\x00" * 40, "is a packed file"),
    ("empty.csv", b"", "neither Parquet nor CSV|holds no row"),
    ("head.csv", b"ts,symbol,close\n", "holds no row"),
    ("ragged.csv", b"ts,symbol,close\n1,A,2\n1,A,2,3,4\n", "neither Parquet nor CSV"),
    (
        "zones.csv",
        b"ts,symbol,close\n2025-01-01T00:00:00Z,A,1\n2025-01-01 01:00:00,A,1\n",
        "a zone",
    ),
    ("when.csv", b"ts,symbol,close\nyesterday,A,1\n2025-01-01 01:00:00,A,1\n", "is not a time"),
]


@pytest.mark.parametrize(("name", "content", "message"), FILES, ids=[row[0] for row in FILES])
def test_a_file_that_is_no_table_of_bars_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InvalidInputError, match=message) as caught:
        Lake(tmp_path / "lake", SystemClock()).import_file(path, "messy")
    assert caught.value.help


def test_half_a_parquet_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    bars().write_parquet(whole)
    (tmp_path / "half.parquet").write_bytes(whole.read_bytes()[:-900])
    lake = Lake(tmp_path / "lake", SystemClock())
    with pytest.raises(InvalidInputError, match="cannot be read to its end"):
        lake.import_file(tmp_path / "half.parquet", "messy")
    for path in (tmp_path, tmp_path / "none.parquet", tmp_path / "*.parquet"):
        with pytest.raises(InvalidInputError, match="there is no file"):
            lake.import_file(path, "messy")


TIMES: list[tuple[str, Callable[[int], str]]] = [
    ("epoch s", str),
    ("epoch ms", lambda at: str(at * 1000)),
    ("epoch us", lambda at: str(at * 1_000_000)),
    ("epoch ns", lambda at: str(at * 1_000_000_000)),
    ("zulu", lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"),
    ("offset", lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}+00:00"),
    ("plain", lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S}"),
    ("minutes", lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}"),
    ("millis", lambda at: f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}.000Z"),
    ("berlin", lambda at: f"{datetime.fromtimestamp(at + 7200, UTC):%Y-%m-%dT%H:%M:%S}+02:00"),
]


@pytest.mark.parametrize("write", [row[1] for row in TIMES], ids=[row[0] for row in TIMES])
def test_times_mean_the_same_however_they_are_written(write: Callable[[int], str]) -> None:
    first = int(START.timestamp())
    raw = pl.DataFrame({"ts": [write(first), write(first + 3600)], "symbol": "A", "close": 1.0})
    assert normal(raw).frame.get_column("ts").to_list() == [first, first + 3600]


def test_dates_are_midnights_and_naive_times_are_noted() -> None:
    days = [date(2025, 1, day) for day in (1, 2, 3)]
    bars_of_days = normal(pl.DataFrame({"date": days, "asset": "A", "close": 1.0}))
    assert bars_of_days.bar_seconds == 86400
    naive = pl.DataFrame({"ts": days, "symbol": "A", "close": 1.0}).cast({"ts": pl.Datetime("ms")})
    assert "times without a zone were read as UTC" in normal(naive).notes


price = st.one_of(
    st.none(),
    st.sampled_from([0.0, -1.0, float("nan"), float("inf"), 1e-300, 1e300]),
    st.floats(0.5, 2.0),
)
row = st.fixed_dictionaries(
    {
        "ts": st.integers(0, 12).map(lambda bar: (482_136 + bar) * 3600),
        "symbol": st.sampled_from(["A", "B", "C"]),
        **dict.fromkeys(("open", "high", "low", "close", "volume", "funding_rate"), price),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(row, min_size=1, max_size=40), st.randoms(use_true_random=False))
def test_any_rows_are_refused_or_served_whatever_their_order(
    rows: list[dict[str, object]], chance: object
) -> None:
    schema = dict.fromkeys(("open", "high", "low", "close", "volume", "funding_rate"), pl.Float64)
    frame = pl.DataFrame(rows, schema={"ts": pl.Int64, "symbol": pl.String, **schema})
    chance.shuffle(rows)  # type: ignore[attr-defined]  # hypothesis gives a Random.
    mixed = pl.DataFrame(rows, schema=frame.schema)
    try:
        first = normal(frame)
    except AlphaForgeError as error:
        with pytest.raises(type(error), match=re.escape(error.message)):
            normal(mixed)
        return
    served = first.served()
    assert first.frame.height == frame.height
    assert served.height + sum(count for _, count in first.faults) == frame.height
    assert served.select("ts", "symbol").is_unique().all()
    prices = served.select("open", "high", "low", "close")
    assert prices.null_count().sum_horizontal().item() == 0
    assert (prices.to_numpy() > 0).all()
    assert np.isfinite(prices.to_numpy()).all()
    assert (served["high"] >= served["low"]).all()
    second = normal(mixed)
    assert second.frame.equals(first.frame)
    assert (second.faults, second.notes) == (first.faults, first.notes)
