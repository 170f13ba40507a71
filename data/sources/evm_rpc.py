"""A node of an EVM chain: blocks and logs of contracts, by JSON-RPC; reorganisations are followed.

1. Times become heights: the head is asked for, then blocks between, 16 at a time, by their times.
2. A window of blocks on a fixed grid is one step: its blocks and the contracts' logs in one batch
   (https://ethereum.org/en/developers/docs/apis/json-rpc, ``eth_getBlockByNumber``,
   ``eth_getLogs``). Windows that end ``FINALITY_BLOCKS`` below the head are final, later ones are
   asked for again by each ingest.
3. A view whose first block stands on none that is known orphans what stood there, and asks for the
   window below.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from ...core.clock import to_text
from ..ingest.fetch import ChangedSchemaError
from ..ingest.source import Batch, Step, Wanted
from .evm_blocks import FINALITY_BLOCKS, KIND, Block, SplitChainError, event_batch, read_block
from .evm_known import KnownBlocks

EVENTS, SEEK, HEAD = "events", "seek", "head"
WINDOW_BLOCKS = 32
PROBES = 16
EPOCH = datetime.fromtimestamp(0, UTC)
NEVER = datetime.max.replace(tzinfo=UTC)


class EvmNode:
    """One chain, as a node of it tells it; symbols are the addresses of contracts."""

    name = "evm"
    streams: Mapping[str, str] = MappingProxyType({EVENTS: KIND})

    def __init__(self, chain: str, known: KnownBlocks) -> None:
        """Keep the chain's name, and what is known of it."""
        self._chain = chain
        self._known = known
        self._views: dict[str, Block] = {}

    def plan(self, wanted: Wanted) -> Iterator[Step]:
        """Ask where the chain ends; its answer asks for the rest."""
        contracts = ",".join(sorted({symbol.lower() for symbol in wanted.symbols}))
        yield Step(
            key=f"{self._chain}/{HEAD}/{to_text(wanted.now)}",
            target="",
            stream=HEAD,
            symbol="",
            start=wanted.start,
            end=min(wanted.end, wanted.now),
            final_at=NEVER,
            overdue_at=NEVER,
            query=(("contracts", contracts),),
        )

    def parse(self, step: Step, payload: bytes) -> list[Batch]:
        """Read a window; with the views before it, it says which known blocks are orphaned.

        Raises:
            SplitChainError: when the window is no chain in itself.
            ChangedSchemaError: when the node's answer has another form.
        """
        if step.stream != EVENTS:
            headers(payload)
            return []
        view = view_of(self._chain, payload)
        self._views[step.key] = view[0]
        return [event_batch(self._chain, self._known.take(view))]

    def following(self, step: Step, payload: bytes) -> Sequence[Step]:
        """Go on from the head to the heights, to the windows; and down where a view hangs loose."""
        if step.stream == HEAD:
            (head,) = headers(payload)
            asked = {**dict(step.query), "head": str(head.number), "head_at": str(head.at)}
            return self._sought(step, _Search(0, head.number + 1, None), asked)
        asked = dict(step.query)
        if step.stream == SEEK:
            search = _Search.read(asked).narrowed(_target(step, asked), headers(payload))
            return self._sought(step, search, asked)
        first = self._views.get(step.key)
        if first is None or first.number == 0 or not self._known.lacks_below(first):
            return ()
        top = first.number - 1
        below = self._window(step, asked, top // WINDOW_BLOCKS * WINDOW_BLOCKS, top)
        return (replace(below, key=f"{below.key}+{first.parent}"),)

    def instead(self, step: Step) -> Sequence[Step]:
        """Halve a window whose logs are too many for the node."""
        asked = dict(step.query)
        if step.stream != EVENTS or asked["from"] == asked["to"]:
            return ()
        low, high = int(asked["from"]), int(asked["to"])
        middle = (low + high) // 2
        return (
            self._window(step, asked, low, middle),
            self._window(step, asked, middle + 1, high),
        )

    def _sought(self, step: Step, search: "_Search", asked: Mapping[str, str]) -> Sequence[Step]:
        """Narrow a search on, begin that of the end, or give the windows between."""
        if search.low < search.high:
            fields = {**asked, **search.fields()}
            target = _target(step, fields)
            key = f"{self._chain}/{SEEK}/{target}/{search.low}-{search.high}"
            return (replace(step, key=key, stream=SEEK, query=tuple(fields.items())),)
        head = int(asked["head"])
        if search.first is None:
            return self._sought(step, _Search(search.low, head + 1, search.low), asked)
        low = search.first // WINDOW_BLOCKS * WINDOW_BLOCKS
        if search.first > head:
            return ()
        return [
            self._window(step, asked, at, min(at + WINDOW_BLOCKS - 1, head))
            for at in range(low, search.low, WINDOW_BLOCKS)
        ]

    def _window(self, step: Step, asked: Mapping[str, str], low: int, high: int) -> Step:
        which = sha256(asked["contracts"].encode()).hexdigest()[:12]
        fields = {name: asked[name] for name in ("contracts", "head", "head_at")}
        is_final = high <= int(asked["head"]) - FINALITY_BLOCKS
        return replace(
            step,
            key=f"{self._chain}/{which}/{low}-{high}",
            stream=EVENTS,
            final_at=EPOCH if is_final else NEVER,
            query=(*fields.items(), ("from", str(low)), ("to", str(high))),
        )


@dataclass(frozen=True, slots=True)
class _Search:
    """The first block at or after an instant lies in ``[low, high]``; ``first``: of the start."""

    low: int
    high: int
    first: int | None

    @classmethod
    def read(cls, asked: Mapping[str, str]) -> "_Search":
        return cls(
            int(asked["low"]), int(asked["high"]), int(asked["first"]) if asked["first"] else None
        )

    def fields(self) -> dict[str, str]:
        first = "" if self.first is None else str(self.first)
        return {"low": str(self.low), "high": str(self.high), "first": first}

    def narrowed(self, target: int, probes: Sequence["Header"]) -> "_Search":
        early = [probe.number + 1 for probe in probes if probe.at < target]
        late = [probe.number for probe in probes if probe.at >= target]
        return replace(self, low=max([self.low, *early]), high=min([self.high, *late]))


@dataclass(frozen=True, slots=True)
class Header:
    """A block's height, and its time in epoch seconds."""

    number: int
    at: int


def calls(step: Step) -> list[dict[str, Any]]:
    """Return the calls of a step's batch, in JSON-RPC 2.0."""
    asked = dict(step.query)
    if step.stream == HEAD:
        return [_block_call(0, "latest")]
    if step.stream == SEEK:
        low, high = int(asked["low"]), int(asked["high"])
        count = min(PROBES, high - low)
        heights = [low + (high - low) * place // count for place in range(count)]
        # Evenly from the middle of the first part on: the lower edge itself says little.
        shift = (high - low) // (2 * count)
        return [_block_call(place, hex(at + shift)) for place, at in enumerate(heights)]
    low, high = int(asked["from"]), int(asked["to"])
    blocks = [_block_call(at - low, hex(at)) for at in range(low, high + 1)]
    where = {
        "fromBlock": hex(low),
        "toBlock": hex(high),
        "address": asked["contracts"].split(","),
    }
    return [*blocks, _call(len(blocks), "eth_getLogs", [where])]


def answers(payload: bytes) -> list[Any]:
    """Return the results of a batch in the order of its calls.

    Raises:
        ChangedSchemaError: when it is no batch of results.
    """
    try:
        found = sorted(json.loads(payload), key=lambda answer: int(answer["id"]))
        return [answer["result"] for answer in found]
    except (ValueError, KeyError, TypeError) as error:
        raise _changed("no batch of results") from error


def headers(payload: bytes) -> list[Header]:
    """Return heights and times of the blocks of a batch.

    Raises:
        ChangedSchemaError: when they have none.
    """
    try:
        return [
            Header(int(block["number"], 16), int(block["timestamp"], 16))
            for block in answers(payload)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _changed("a block without height or time") from error


def view_of(chain: str, payload: bytes) -> list[Block]:
    """Return the blocks of a window, their logs in them.

    Raises:
        SplitChainError: when a block does not stand on the one before, or a log is of another.
        ChangedSchemaError: when the answer has another form.
    """
    *blocks, logs = answers(payload)
    try:
        of: dict[str, list[Any]] = {str(block["number"]): [] for block in blocks}
        for log in logs:
            of[str(log["blockNumber"])].append(log)
        view = [read_block(chain, block, of[str(block["number"])]) for block in blocks]
    except (KeyError, TypeError) as error:
        raise _changed("logs that are of no block that was asked for") from error
    for below, above in pairwise(view):
        if above.parent != below.hash or above.number != below.number + 1:
            raise SplitChainError(above.number)
    return view


def _target(step: Step, asked: Mapping[str, str]) -> int:
    instant = step.end if asked.get("first") else step.start
    return -((EPOCH - instant) // timedelta(seconds=1))


def _block_call(place: int, height: str) -> dict[str, Any]:
    return _call(place, "eth_getBlockByNumber", [height, False])


def _call(place: int, method: str, params: list[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": place, "method": method, "params": params}


def _changed(what: str) -> ChangedSchemaError:
    return ChangedSchemaError(
        f"the node sent {what}", help="the payload is kept; ask a node of Ethereum's JSON-RPC"
    )
