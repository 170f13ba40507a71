"""``data ingest`` of what happens on chains: metrics of vendors, blocks and logs of nodes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alphaforge.core.clock import SystemClock
from alphaforge.data import Lake
from alphaforge.server.cli import run_command
from alphaforge.tests.chain_server import (
    FIRST,
    SLOT,
    TOKEN,
    Node,
    Pages,
    chain_node,
    json_pages,
)
from alphaforge.tests.helpers import real_file

DAY = timedelta(days=1)
FINALITY = timedelta(seconds=768)
BLOCK_HEADER = "number,hash,parent_hash,miner,timestamp"
TRANSFER_HEADER = (
    "token_address,from_address,to_address,value,transaction_hash,log_index,block_number"
)


def ingest(
    home: Path, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, dict[str, Any]]:
    told = ["--rate", "1000", "--attempts", "2", "--json", "--home", str(home)]
    code = run_command(["data", "ingest", *words, "--name", "chains", *told])
    return code, json.loads(capsys.readouterr().out)


def rows(home: Path, kind: str, as_of: datetime | None = None) -> pl.DataFrame:
    records = Lake(home / "lake", SystemClock()).records
    return records.scan(kind, "chains", as_of=as_of).collect()


def node_words(node: Node) -> list[str]:
    return ["evm", "--base-url", node.url, "--symbols", TOKEN, "--start", "2025-01-01"]


def chain(home: Path, status: str) -> list[tuple[int, str, float | None]]:
    found = rows(home, "chain_events").filter(pl.col("status") == status)
    return (
        found.sort("block_number", "block_hash", "event")
        .select("block_number", "event", "amount")
        .rows()
    )


def amounts(home: Path, status: str) -> list[float]:
    return [amount for _, event, amount in chain(home, status) if event == "Transfer" and amount]


def expected(salts: list[int], *, low: int = 0) -> list[float]:
    return [float(at * 1000 + salt) for at, salt in enumerate(salts) if at >= low and (at or salt)]


def test_a_node_gives_blocks_and_transfers_once_they_are_final(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    salts = [1] * 150
    with chain_node(Node(salts, busy=1)) as node:
        code, done = ingest(tmp_path, capsys, *node_words(node))
        assert (code, done["dead_letters"], done["inserted"]) == (0, [], 300)
        code, again = ingest(tmp_path, capsys, *node_words(node))
        assert (code, again["inserted"], again["revised"]) == (0, 0, 0)
        # Windows that end 64 below the head are known; the rest is asked for again.
        assert again["known"] == 2
    assert amounts(tmp_path, "final") == expected(salts)
    row = (
        rows(tmp_path, "chain_events")
        .filter((pl.col("block_number") == 7) & (pl.col("event") == "Transfer"))
        .row(0, named=True)
    )
    assert (row["contract"], row["log_index"], row["chain"]) == (TOKEN, 5, "ethereum")
    assert (row["sender"], row["receiver"]) == (f"0x{0xAA:040x}", f"0x{0xBB:040x}")
    assert row["event_at"] == datetime.fromtimestamp(FIRST + 7 * SLOT, UTC)
    assert row["available_at"] - row["event_at"] == FINALITY
    early = rows(tmp_path, "chain_events", as_of=row["available_at"] - timedelta(microseconds=1))
    assert early.get_column("block_number").max() == 6


def test_F8_a_replaced_end_of_the_chain_is_orphaned_and_its_rival_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = [1] * 150, [1] * 120 + [2] * 20
    with chain_node(Node(before)) as node:
        ingest(tmp_path, capsys, *node_words(node))
        node.salts = after
        moment = SystemClock().now()
        code, done = ingest(tmp_path, capsys, *node_words(node))
        assert (code, done["dead_letters"]) == (0, [])
        # Thirty blocks and transfers leave the chain, twenty come; those above the new head too.
        assert (done["inserted"], done["revised"]) == (40, 60)
        assert amounts(tmp_path, "final") == expected(after)
        assert amounts(tmp_path, "orphaned") == expected(before, low=120)
        # Who reads as of before the replacement sees the chain as it was believed then.
        assert set(rows(tmp_path, "chain_events", as_of=moment).get_column("status")) == {"final"}
        node.salts = [*before, 1]
        code, _ = ingest(tmp_path, capsys, *node_words(node))
    assert code == 0
    assert amounts(tmp_path, "final") == expected([*before, 1])
    assert sorted(amounts(tmp_path, "orphaned")) == expected(after, low=120)


def test_F8_a_chain_that_is_replaced_while_it_is_read_is_followed_down(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = [1] * 100, [1] * 50 + [2] * 60
    with chain_node(Node(before)) as node:
        words = [*node_words(node), "--workers", "1"]
        ingest(tmp_path, capsys, *words)
        asked = node.answered
    # The window of blocks 32 to 63 is answered from the old chain, the next from the new one.
    with chain_node(Node(before, turns={asked - 2: after})) as node:
        code, done = ingest(tmp_path / "other", capsys, *[*node_words(node), "--workers", "1"])
    home = tmp_path / "other"
    assert (code, done["dead_letters"]) == (0, [])
    assert amounts(home, "final") == expected(after[:100])
    assert amounts(home, "orphaned") == expected(before[:64], low=50)


def test_a_node_that_refuses_many_logs_is_asked_for_less(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    salts = [3] * 70
    with chain_node(Node(salts, logs_max=9)) as node:
        code, done = ingest(tmp_path, capsys, *node_words(node))
        assert (code, done["dead_letters"]) == (0, [])
        start, end = (f"2025-01-01T00:{SLOT * at // 60:02}:00Z" for at in (40, 50))
        words = [*node_words(node), "--start", start, "--end", end, "--venue", "base"]
        code, part = ingest(tmp_path, capsys, *words)
    assert amounts(tmp_path, "final")[0] == 3.0
    assert done["inserted"] == 140
    # A span of time is the windows it touches: blocks 32 to 63.
    assert (code, part["inserted"]) == (0, 64)


def test_F2_a_node_of_another_form_stores_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Odd(Node):
        def block(self, number: int) -> dict[str, Any] | None:
            found = super().block(number)
            if found is not None:
                del found["parentHash"]
            return found

    with chain_node(Odd([1] * 10)) as node:
        code, done = ingest(tmp_path, capsys, *node_words(node))
    assert (code, done["dead"], done["inserted"]) == (1, 1, 0)
    assert "lacks a field" in done["dead_letters"][0]
    code, answer = ingest(tmp_path, capsys, "evm", "--symbols", TOKEN, "--start", "2025-01")
    assert (code, "no node was named" in answer["message"]) == (2, True)


def day_rows(*days: str, **metrics: str) -> list[dict[str, str]]:
    return [{"asset": "btc", "time": f"{day}T00:00:00.000000000Z", **metrics} for day in days]


def test_coin_metrics_pages_are_known_a_day_after_their_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = {"data": day_rows("2024-12-30", PriceUSD="92000.5", TxCnt="7"), "next_page_token": "x2"}
    second = {"data": day_rows("2024-12-31", PriceUSD="93000.5")}
    words = ["coinmetrics", "--symbols", "BTC", "--start", "2024-12-01", "--end", "2024-12-31"]
    streams = ["--streams", "PriceUSD,TxCnt"]
    pages = Pages({"asset-metrics": first, "next_page_token=x2": second})
    with json_pages(pages) as site:
        code, done = ingest(tmp_path, capsys, *words, *streams, "--base-url", site.url)
        assert (code, done["dead_letters"], done["inserted"]) == (0, [], 3)
        assert "metrics=PriceUSD%2CTxCnt" in site.asked[0]
        site.answers = {"asset-metrics": {"data": [{"asset": "eth", "time": "x"}]}}
        code, bad = ingest(tmp_path / "b", capsys, *words, *streams, "--base-url", site.url)
    assert (code, bad["dead"], bad["inserted"]) == (1, 1, 0)
    found = rows(tmp_path, "chain_metrics").sort("event_at", "metric")
    assert found.select("asset", "metric", "value").rows() == [
        ("btc", "PriceUSD", 92000.5),
        ("btc", "TxCnt", 7.0),
        ("btc", "PriceUSD", 93000.5),
    ]
    assert (found.get_column("available_at") - found.get_column("event_at")).unique().to_list() == [
        2 * DAY
    ]
    assert rows(tmp_path, "chain_metrics", as_of=datetime(2025, 1, 1, tzinfo=UTC)).height == 2


def test_defillama_gives_whole_days_and_revisions(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    midnight = FIRST
    points: list[dict[str, float]] = [
        {"date": midnight, "totalLiquidityUSD": 5.5},
        {"date": midnight + 86_400, "totalLiquidityUSD": 6},
        {"date": midnight + 90_000, "totalLiquidityUSD": 7},
    ]
    answer: dict[str, Any] = {"tvl": points, "chainTvls": {"Ethereum": {"tvl": points[:1]}}}
    with json_pages(Pages({"/protocol/aave-v3": answer})) as site:
        words = ["defillama", "--symbols", "aave-v3", "--start", "2025-01", "--base-url", site.url]
        code, done = ingest(tmp_path, capsys, *words)
        assert (code, done["dead_letters"], done["inserted"]) == (0, [], 3)
        points[0]["totalLiquidityUSD"] = 5.75
        code, again = ingest(tmp_path, capsys, *words, "--streams", "tvl")
        assert (code, again["revised"], again["unchanged"]) == (0, 1, 1)
        site.answers = {"/protocol/aave-v3": {"tvl": [{"date": midnight}]}}
        code, bad = ingest(tmp_path, capsys, *words, "--streams", "tvl")
        assert (code, bad["dead"]) == (1, 1)
    found = rows(tmp_path, "chain_metrics").sort("metric", "event_at")
    assert found.select("asset", "metric", "value").rows() == [
        ("aave-v3", "tvl", 5.75),
        ("aave-v3", "tvl", 6.0),
        ("aave-v3", "tvl/Ethereum", 5.5),
    ]
    then = rows(tmp_path, "chain_metrics", as_of=datetime(2025, 1, 3, tzinfo=UTC))
    assert sorted(then.get_column("value")) == [5.5, 5.5]


def test_transfers_of_ethereum_etl_find_their_blocks_in_files_and_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks, transfers = tmp_path / "blocks.csv", tmp_path / "transfers.csv"
    blocks.write_text(f"{BLOCK_HEADER}\n9,0xb9,0xb8,0xee,{FIRST}\n")
    line = f"0xc0,0xaa,0xbb,{10**30},0xf1,3,9\n"
    transfers.write_text(f"{TRANSFER_HEADER}\n{line}")
    code, done = ingest(tmp_path, capsys, "files", "--files", str(transfers))
    assert (code, done["dead"]) == (1, 1)
    assert "such as 9" in done["dead_letters"][0]
    ingest(tmp_path, capsys, "files", "--files", str(blocks))
    code, done = ingest(tmp_path, capsys, "files", "--files", str(transfers))
    assert (code, done["inserted"]) == (0, 1)
    row = rows(tmp_path, "chain_events").filter(pl.col("event") == "Transfer").row(0, named=True)
    assert (row["block_hash"], row["amount"], row["log_index"]) == ("0xb9", 1e30, 3)
    assert row["event_at"] == datetime.fromtimestamp(FIRST, UTC)
    # A file of a rival block takes the first one out of the chain.
    blocks.write_text(f"{BLOCK_HEADER}\n9,0xb7,0xb8,0xee,{FIRST}\n")
    code, done = ingest(tmp_path, capsys, "files", "--files", str(blocks))
    assert (code, done["inserted"], done["revised"]) == (0, 1, 2)
    orphans = rows(tmp_path, "chain_events").filter(pl.col("status") == "orphaned")
    assert set(orphans.get_column("event")) == {"Block", "Transfer"}


@pytest.mark.real_data
def test_real_files_of_ethereum_etl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("blocks", "transactions", "token_transfers")
    files = [str(real_file(f"open/onchain_eth_{name}.csv")) for name in names]
    code, done = ingest(tmp_path, capsys, "files", "--files", *files)
    # The sample of transfers is of blocks that the sample of blocks does not have.
    assert (code, done["dead"], done["inserted"]) == (1, 1, 300)
    assert "such as 1452581" in done["dead_letters"][0]
    found = rows(tmp_path, "chain_events")
    assert dict(found.group_by("event").len().rows()) == {"Block": 2, "Transaction": 298}
    swap = found.filter(pl.col("tx_hash").str.starts_with("0xec7cc4df")).row(0, named=True)
    assert (swap["amount"], swap["log_index"] - 2**32) == (7.4e18, 1)
    assert swap["event_at"] == datetime(2023, 5, 2, 12, 19, 59, tzinfo=UTC)


@pytest.mark.real_data
def test_real_metrics_of_coin_metrics_and_defillama(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parquet = real_file("open/onchain_coinmetrics_1d_tokens.parquet")
    frame = pl.read_parquet(parquet)
    csv = tmp_path / "tokens.csv"
    frame.write_csv(csv)
    snapshot = real_file("nolicence/defillama_tvl_snapshot_20251103.parquet")
    code, done = ingest(tmp_path, capsys, "files", "--files", str(parquet), str(snapshot))
    assert (code, done["dead_letters"]) == (0, [])
    metrics = frame.drop("date", "asset")
    cells = sum(metrics.get_column(name).count() for name in metrics.columns)
    tvl = pl.read_parquet(snapshot).select("tvl", "mcap", "change_1h", "change_1d", "change_7d")
    points = sum(tvl.get_column(name).count() for name in tvl.columns)
    assert done["inserted"] == cells + points
    # The same as CSV says nothing new.
    code, again = ingest(tmp_path, capsys, "files", "--files", str(csv))
    assert (code, again["inserted"], again["revised"], again["unchanged"]) == (0, 0, 0, cells)
    found = rows(tmp_path, "chain_metrics")
    last = frame.filter((pl.col("asset") == "UNI") & (pl.col("PriceUSD").is_not_null())).row(
        -1, named=True
    )
    row = found.filter(
        (pl.col("asset") == "uni")
        & (pl.col("metric") == "PriceUSD")
        & (pl.col("event_at").dt.date() == last["date"])
    ).row(0, named=True)
    assert (row["value"], row["available_at"] - row["event_at"]) == (last["PriceUSD"], 2 * DAY)
    aave = found.filter((pl.col("asset") == "aave-v3") & (pl.col("metric") == "tvl"))
    assert aave.get_column("value").item() == 37647739954.671555
    assert aave.get_column("available_at").item() == datetime(
        2025, 11, 3, 1, 15, 59, 405973, tzinfo=UTC
    )
