"""The blocks of a chain that are known, and which of them a newer view of the chain replaces.

1. The blocks of a view are linked by their parents' hashes, and so are those it stands on.
2. A known block of equal height and another hash is a rival, and so is one of the height below that
   is not the parent; the same holds further down, as far as the chain's blocks are known.
3. A known block above stays only while it stands on the view's last block.
"""

from collections.abc import Callable, Sequence

import polars as pl

from .evm_blocks import FINAL, Block, blocks_of

# Blocks so far below those that are asked for are remembered too.
MEMORY_BLOCKS = 512

# Rows of stored events of the chain from a height on, as they are known now; none: no table yet.
Stored = Callable[[int], pl.DataFrame | None]


class KnownBlocks:
    """What one ingest knows of a chain: what was stored before it, and what it has taken itself."""

    def __init__(self, stored: Stored) -> None:
        """Start with nothing read; ``stored`` is asked once it is known from which height on."""
        self._stored = stored
        self._blocks: dict[str, Block] = {}
        self._heights: dict[int, set[str]] = {}
        self._from: int | None = None

    def at(self, number: int) -> Block | None:
        """Return the block of a height that is in the chain, as far as is known."""
        self._recall(number)
        found = [self._blocks[name] for name in sorted(self._heights.get(number, ()))]
        return next((block for block in found if block.is_final), None)

    def take(self, view: Sequence[Block]) -> list[Block]:
        """Take blocks of rising height as the chain; return them and their rivals, orphaned."""
        self._recall(view[0].number)
        merged = [self._merged(block) for block in view]
        for block in merged:
            self._put(block)
        rivals = [*self._beside(view), *self._below(view[0]), *self._above(view[-1])]
        orphans = [block.orphaned() for block in rivals]
        for block in orphans:
            self._put(block)
        return [*merged, *orphans]

    def lacks_below(self, block: Block) -> bool:
        """Tell whether the height below is known, but not the block that this one stands on."""
        return bool(self._heights.get(block.number - 1)) and block.parent not in self._blocks

    def _merged(self, block: Block) -> Block:
        """Return a block with the rows of other contracts that are known of it."""
        known = self._blocks.get(block.hash)
        if known is None:
            return block
        have = {(row["tx_hash"], row["log_index"]) for row in block.rows}
        # A block that comes back into the chain brings back all that is known of it.
        more = [
            {**row, "status": FINAL}
            for row in known.rows
            if (row["tx_hash"], row["log_index"]) not in have
        ]
        return Block(block.number, block.hash, block.parent, block.at, (*block.rows, *more))

    def _beside(self, view: Sequence[Block]) -> list[Block]:
        ours = {block.hash for block in view}
        return [
            rival for block in view for rival in self._alive(block.number) if rival.hash not in ours
        ]

    def _below(self, first: Block) -> list[Block]:
        found: list[Block] = []
        number, parent = first.number - 1, first.parent
        while True:
            rivals = [block for block in self._alive(number) if block.hash != parent]
            known = self._blocks.get(parent)
            found.extend(rivals)
            if not rivals or known is None:
                return found
            number, parent = number - 1, known.parent

    def _above(self, last: Block) -> list[Block]:
        found: list[Block] = []
        stands, number = {last.hash}, last.number + 1
        while alive := self._alive(number):
            found.extend(block for block in alive if block.parent not in stands)
            stands = {block.hash for block in alive if block.parent in stands}
            number += 1
        return found

    def _alive(self, number: int) -> list[Block]:
        names = sorted(self._heights.get(number, ()))
        return [self._blocks[name] for name in names if self._blocks[name].is_final]

    def _recall(self, number: int) -> None:
        """Read what is stored from below a height on, where that was not read yet."""
        floor = max(number - MEMORY_BLOCKS, 0)
        if self._from is not None and floor >= self._from:
            return
        self._from = floor
        rows = self._stored(floor)
        for block in blocks_of(rows) if rows is not None else ():
            if block.hash not in self._blocks:
                self._put(block)

    def _put(self, block: Block) -> None:
        self._blocks[block.hash] = block
        self._heights.setdefault(block.number, set()).add(block.hash)
