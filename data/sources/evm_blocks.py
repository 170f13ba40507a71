"""Blocks and logs of Ethereum's kind as records: JSON of a node in, rows of ``chain_events`` out.

Each block is itself a row, ``Block``: ``tx_hash`` is its own hash, ``sender`` its parent's,
``receiver`` who got its fees. Amounts are in the contract's smallest unit (wei for ether).
Logs are told by topic 0, the Keccak-256 of the event's signature (Ethereum's ABI specification).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import polars as pl

from ...core.errors import InvalidInputError
from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch
from .batches import batch_of

KIND = "chain_events"
BLOCK, FINAL, ORPHANED = "Block", "final", "orphaned"
# Proof of stake finalises a checkpoint after two epochs of 32 slots of 12 s: until then a block may
# be replaced, so that much later is it taken as known.
FINALITY_BLOCKS = 64
FINALITY_SECONDS = 768
EPOCH = datetime.fromtimestamp(0, UTC)
INSTANT = pl.Datetime("us", "UTC")

# Each is the hash of the name with the parameters' types: two addresses and a uint256 for the first
# two, one address and a uint256 for the others.
_TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_APPROVAL = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
_DEPOSIT = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
_WITHDRAWAL = "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
_NAMES = {
    _TRANSFER: "Transfer",
    _APPROVAL: "Approval",
    _DEPOSIT: "Deposit",
    _WITHDRAWAL: "Withdrawal",
}
# A token that is one of its kind has its id as a fourth topic: one of it moves.
_TOPICS_OF_ONE_TOKEN = 4
_WORD_CHARS = 64
_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    **dict.fromkeys(("chain", "block_hash", "tx_hash", "event", "status"), pl.String),
    **dict.fromkeys(("contract", "sender", "receiver"), pl.String),
    **dict.fromkeys(("block_number", "log_index"), pl.Int64),
    "amount": pl.Float64,
    **dict.fromkeys(("event_at", "available_at"), INSTANT),
}

Row = Mapping[str, object]


class SplitChainError(InvalidInputError):
    """Blocks and logs of one answer are of two chains: it changed while it was read."""

    def __init__(self, number: int) -> None:
        """Name the height."""
        super().__init__(
            f"block {number} was replaced while it was read", help="ask again: it settles"
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A block, its parent's hash, and all rows of it that are known."""

    number: int
    hash: str
    parent: str
    at: datetime
    rows: tuple[Row, ...]

    def orphaned(self) -> "Block":
        """Return the block with all its rows outside the chain."""
        return replace(self, rows=tuple({**row, "status": ORPHANED} for row in self.rows))

    @property
    def is_final(self) -> bool:
        """Tell whether the block is in the chain."""
        return all(row["status"] == FINAL for row in self.rows)


def read_block(chain: str, fields: Mapping[str, Any], logs: Sequence[Mapping[str, Any]]) -> Block:
    """Read a block, as ``eth_getBlockByNumber`` gives it, and its logs.

    Raises:
        ChangedSchemaError: when a field is missing or of another form.
        SplitChainError: when a log is of another block.
    """
    try:
        number, name = int(fields["number"], 16), str(fields["hash"])
        at = EPOCH + timedelta(seconds=int(fields["timestamp"], 16))
        rows = [block_row(chain, number, name, str(fields["parentHash"]), fields.get("miner"), at)]
        for log in logs:
            if log["blockHash"] != name:
                raise SplitChainError(number)
            if not log.get("removed"):
                rows.append({**rows[0], **_log(log)})
    except (KeyError, TypeError, ValueError, IndexError, OverflowError) as error:
        raise ChangedSchemaError(
            "a block or log of the node lacks a field, or has it in another form",
            help="the payload is kept; ask a node that speaks Ethereum's JSON-RPC",
        ) from error
    return Block(number, name, str(fields["parentHash"]), at, tuple(rows))


def block_row(  # noqa: PLR0913, PLR0917  # The columns of a block.
    chain: str, number: int, name: str, parent: str, miner: str | None, at: datetime
) -> Row:
    """Return a block's own row."""
    return {
        "chain": chain,
        "block_number": number,
        "block_hash": name,
        "tx_hash": name,
        "log_index": 0,
        "event": BLOCK,
        "contract": None,
        "sender": parent,
        "receiver": miner,
        "amount": None,
        "status": FINAL,
        "event_at": at,
        "available_at": at + timedelta(seconds=FINALITY_SECONDS),
    }


def blocks_of(rows: pl.DataFrame) -> list[Block]:
    """Return stored rows as blocks; rows of blocks that are not stored themselves are left out."""
    found = []
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows.select(list(_COLUMNS)).iter_rows(named=True):
        groups.setdefault(row["block_hash"], []).append(row)
    for held in groups.values():
        own = [row for row in held if row["event"] == BLOCK]
        if own:
            first = own[0]
            found.append(
                Block(
                    first["block_number"],
                    first["block_hash"],
                    first["sender"],
                    first["event_at"],
                    tuple(held),
                )
            )
    return found


def event_batch(chain: str, blocks: Sequence[Block]) -> Batch:
    """Return the rows of blocks as a batch of the chain."""
    rows = [row for block in blocks for row in block.rows]
    return batch_of(KIND, chain, pl.DataFrame(rows, schema=_COLUMNS))


def _log(log: Mapping[str, Any]) -> Row:
    topics = cast("Sequence[str]", log["topics"])
    event = _NAMES.get(topics[0], topics[0]) if topics else "anonymous"
    sender, receiver, amount = _moved(event, topics, str(log["data"]))
    return {
        "tx_hash": log["transactionHash"],
        "log_index": int(log["logIndex"], 16),
        "event": event,
        "contract": log["address"],
        "sender": sender,
        "receiver": receiver,
        "amount": amount,
    }


def _moved(
    event: str, topics: Sequence[str], data: str
) -> tuple[str | None, str | None, float | None]:
    """Return who gave, who got, and how much: of events that are known by name alone."""
    parts = [*topics[1:], *_words(data)]
    if event in {"Transfer", "Approval"}:
        # An approval moves nothing yet.
        is_one = len(topics) == _TOPICS_OF_ONE_TOKEN
        moved = 1.0 if is_one else _amount(parts[2])
        return _address(parts[0]), _address(parts[1]), moved if event == "Transfer" else None
    if event == "Deposit":
        return None, _address(parts[0]), _amount(parts[1])
    if event == "Withdrawal":
        return _address(parts[0]), None, _amount(parts[1])
    return None, None, None


def _words(data: str) -> list[str]:
    digits = data.removeprefix("0x")
    return [digits[at : at + _WORD_CHARS] for at in range(0, len(digits), _WORD_CHARS)]


def _address(word: str) -> str:
    return f"0x{int(word, 16) % 2**160:040x}"


def _amount(word: str) -> float:
    return float(int(word, 16))
