"""Kinds of records: what is right is brought to one shape, what is wrong is named."""

from datetime import UTC, datetime

import polars as pl
import pyarrow as pa
import pytest

from alphaforge.core.errors import InvalidInputError, NotFoundError
from alphaforge.data.schemas import KINDS, arrow_schema, conformed, version
from alphaforge.data.schemas.page import schema_page
from alphaforge.tests.helpers import REPO
from alphaforge.tests.record_world import bar_table, changed

AT = datetime(2025, 1, 1, tzinfo=UTC)
TRADE = {
    "symbol": "BTCUSDT",
    "event_at": AT,
    "available_at": AT,
    "trade_id": "7",
    "price": 1.0,
    "quantity": 2.0,
    "side": "buy",
}


def test_the_page_in_the_repository_is_the_page_that_is_made() -> None:
    page = (REPO / "docs" / "schemas.md").read_text(encoding="utf-8")
    assert page == schema_page(), "`make docs`"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_a_key_units_and_meanings_and_survives_its_own_schema(kind: str) -> None:
    schema = arrow_schema(kind)
    assert set(KINDS[kind].KEY) <= set(schema.names)
    assert schema.names[1:3] == ["event_at", "available_at"]
    for field in schema:
        assert field.metadata[b"unit"]
        assert field.metadata[b"doc"] not in {b"", b"None"}, field.name
    assert version(kind) == int(schema.metadata[b"version"])
    assert conformed(kind, schema.empty_table()).schema.equals(schema, check_metadata=True)


def test_columns_are_cast_ordered_and_filled() -> None:
    at = pl.Series("at", [AT]).cast(pl.Datetime("ns", "UTC"))
    frame = pl.DataFrame(
        {"volume": ["3.5"], "close": [2], "low": [1], "high": [3], "open": [2], "symbol": ["A"]}
    ).with_columns(at.alias("event_at"), at.dt.offset_by("1h").alias("available_at"))
    row = conformed("bars", frame.to_arrow()).to_pylist()[0]
    assert list(row) == arrow_schema("bars").names
    assert (row["volume"], row["close"], row["trades"]) == (3.5, 2.0, None)


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("side", "BUY", "`side` of row 1 of `trades` is none of buy, sell: `BUY`"),
        ("price", -1.0, "`price` of row 1 of `trades` is negative: `-1.0`"),
        ("quantity", float("inf"), "`quantity` of row 1 of `trades` is infinite: `inf`"),
        ("price", float("nan"), "`price` of row 1 of `trades` is not there: `None`"),
        ("trade_id", "", "`trade_id` of row 1 of `trades` has not 1 to 128 characters: ``"),
        (
            "available_at",
            datetime(2024, 1, 1, tzinfo=UTC),
            "`available_at` of row 1 of `trades` lies before its `event_at`",
        ),
    ],
)
def test_a_wrong_cell_is_named_by_column_and_row(column: str, value: object, told: str) -> None:
    table = pa.Table.from_pylist([TRADE, TRADE | {column: value}])
    with pytest.raises(InvalidInputError) as caught:
        conformed("trades", table)
    assert caught.value.message == told
    assert caught.value.help


def test_a_column_that_is_unknown_or_missing_or_without_zone_is_named() -> None:
    with pytest.raises(InvalidInputError, match="no column `prize`"):
        conformed("trades", pa.Table.from_pylist([TRADE | {"prize": 1.0}]))
    less = {name: value for name, value in TRADE.items() if name != "price"}
    with pytest.raises(InvalidInputError, match="column `price` of `trades` is missing"):
        conformed("trades", pa.Table.from_pylist([less]))
    naive = TRADE | {"event_at": AT.replace(tzinfo=None)}
    with pytest.raises(InvalidInputError, match="no instant with a zone"):
        conformed("trades", pa.Table.from_pylist([naive]))
    with pytest.raises(InvalidInputError, match="`price` of `trades` cannot be read as float64"):
        conformed("trades", pa.Table.from_pylist([TRADE | {"price": "dear"}]))
    with pytest.raises(NotFoundError, match="no kind of record `trade`"):
        arrow_schema("trade")


def test_a_price_of_zero_is_kept_for_the_checks_to_find() -> None:
    table = conformed("bars", changed(bar_table(), 0, "close", 0.0))
    assert table.column("close")[0].as_py() == 0.0
