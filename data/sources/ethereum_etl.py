"""CSV files of ethereum-etl: blocks, transactions, token transfers (polars).

Columns after https://ethereum-etl.readthedocs.io/en/latest/schema. Transfers hold neither the hash
nor the time of their block: they are read once the blocks are, from the same ingest or one before.
"""

import io
from collections.abc import Sequence

import polars as pl

from ...core.errors import InvalidInputError
from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch
from .batches import after, batch_of
from .csv_rows import instants, integers, numbers
from .evm_blocks import FINAL, FINALITY_SECONDS, KIND, Block, block_row, event_batch
from .evm_known import KnownBlocks

CHAIN = "ethereum"
# A transaction's place among those of its block is counted from here: no block has so many logs, so
# that a log of the same transaction never has its key.
TRANSACTION_INDEX_FIRST = 2**32
_BLOCKS = ("number", "hash", "parent_hash", "miner", "timestamp")
_TRANSACTIONS = (
    *("hash", "block_hash", "block_number", "transaction_index"),
    *("from_address", "to_address", "value", "block_timestamp"),
)
_TRANSFERS = (
    *("token_address", "from_address", "to_address", "value"),
    *("transaction_hash", "log_index", "block_number"),
)


def is_ethereum_etl(columns: Sequence[str]) -> bool:
    """Tell whether a table's columns are those of one of these files."""
    return any(set(names) <= set(columns) for names in (_BLOCKS, _TRANSACTIONS, _TRANSFERS))


def read_ethereum_etl(content: bytes, chain: str, known: KnownBlocks) -> list[Batch]:
    """Read a file, known by its columns; blocks are added to what is known.

    Raises:
        InvalidInputError: when it is cut off, or holds transfers of blocks that are not known.
        ChangedSchemaError: when a cell is no number.
    """
    try:
        frame = pl.read_csv(io.BytesIO(content), infer_schema=False)
    except (pl.exceptions.PolarsError, UnicodeDecodeError) as error:
        raise InvalidInputError("the file is cut off, or no CSV", help="make it again") from error
    if set(_BLOCKS) <= set(frame.columns):
        return _blocks(frame, chain, known)
    if set(_TRANSACTIONS) <= set(frame.columns):
        return [_transactions(frame, chain)]
    return [_transfers(frame, chain, known)]


def _blocks(frame: pl.DataFrame, chain: str, known: KnownBlocks) -> list[Batch]:
    rows = instants(integers(_full(frame, ("hash", "parent_hash")), ["number"]), "timestamp")
    found: list[Block] = []
    for row in rows.sort("number").iter_rows(named=True):
        number, name, parent, at = (
            row[each] for each in ("number", "hash", "parent_hash", "timestamp")
        )
        own = block_row(chain, number, name, parent, row["miner"], at)
        # One at a time: a file may have holes between its blocks.
        found += known.take([Block(number, name, parent, at, (own,))])
    return [event_batch(chain, list({block.hash: block for block in found}.values()))]


def _transactions(frame: pl.DataFrame, chain: str) -> Batch:
    places = integers(_full(frame, ("hash", "block_hash")), ["block_number", "transaction_index"])
    rows = instants(numbers(places, ["value"]), "block_timestamp").with_columns(
        tx_hash=pl.col("hash"),
        log_index=pl.col("transaction_index") + TRANSACTION_INDEX_FIRST,
        event=pl.lit("Transaction"),
        contract=pl.lit(None, pl.String),
        event_at=pl.col("block_timestamp"),
    )
    return _batch(rows, chain)


def _transfers(frame: pl.DataFrame, chain: str, known: KnownBlocks) -> Batch:
    whole = integers(_full(frame, ("transaction_hash",)), ["log_index", "block_number"])
    heights = whole.get_column("block_number").unique().sort().to_list()
    blocks = {number: known.at(number) for number in heights}
    unknown = [number for number, block in blocks.items() if block is None]
    if unknown:
        raise InvalidInputError(
            f"{len(unknown)} blocks of these transfers are not known, such as {unknown[0]}: "
            "the file holds neither their hashes nor their times",
            help="name the file of their blocks before it: `--files blocks.csv transfers.csv`",
        )
    held = [block for block in blocks.values() if block is not None]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "block_number": pl.Int64,
        "block_hash": pl.String,
        "event_at": pl.Datetime("us", "UTC"),
    }
    places = pl.DataFrame(
        [(block.number, block.hash, block.at) for block in held], schema=schema, orient="row"
    )
    rows = (
        numbers(whole, ["value"])
        .join(places, on="block_number", how="left", maintain_order="left")
        .with_columns(
            tx_hash=pl.col("transaction_hash"),
            event=pl.lit("Transfer"),
            contract=pl.col("token_address"),
        )
    )
    return _batch(rows, chain)


def _batch(rows: pl.DataFrame, chain: str) -> Batch:
    return batch_of(
        KIND,
        chain,
        rows.with_columns(
            chain=pl.lit(chain),
            sender=pl.col("from_address"),
            receiver=pl.col("to_address"),
            amount=pl.col("value"),
            status=pl.lit(FINAL),
            available_at=after("event_at", FINALITY_SECONDS),
        ),
    )


def _full(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    for name in names:
        if frame.get_column(name).null_count():
            raise ChangedSchemaError(
                f"column `{name}` has empty cells", help="make the file again with ethereum-etl"
            )
    return frame
