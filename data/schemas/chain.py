"""What is read off chains: metrics of assets, and events of contracts."""

from typing import Annotated, ClassVar, Literal

from .record import Record, described, text


class ChainMetric(Record):
    """One metric of one asset; what it is measured in, its vendor says."""

    KIND: ClassVar[str] = "chain_metrics"
    KEY: ClassVar[tuple[str, ...]] = ("asset", "metric", "event_at")
    ENTITY: ClassVar[str] = "asset"

    asset: Annotated[str, text("the coin or protocol")]
    metric: Annotated[str, text("the vendor's name of the metric")]
    value: Annotated[float, described("as the vendor defines it", "the metric's value")]


class ChainEvent(Record):
    """One log entry of one transaction; a reorganisation revises it to ``orphaned``."""

    KIND: ClassVar[str] = "chain_events"
    KEY: ClassVar[tuple[str, ...]] = ("chain", "block_hash", "tx_hash", "log_index")
    ENTITY: ClassVar[str] = "chain"

    chain: Annotated[str, text("the chain's name")]
    block_number: Annotated[int, described("blocks", "height of the block", is_not_negative=True)]
    block_hash: Annotated[str, text("hash of the block")]
    tx_hash: Annotated[str, text("hash of the transaction")]
    log_index: Annotated[int, described("count", "place in the block", is_not_negative=True)]
    event: Annotated[str, text("name of the event, such as Transfer")]
    contract: Annotated[str | None, text("address that emitted it")] = None
    sender: Annotated[str | None, text("address that gave; of a Block, its parent's hash")] = None
    receiver: Annotated[str | None, text("address that got")] = None
    amount: Annotated[
        float | None, described("the contract's unit", "what was moved", is_not_negative=True)
    ] = None
    status: Annotated[Literal["final", "orphaned"], text("whether its block is in the chain")]
