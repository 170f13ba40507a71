"""Files from this machine, in the layouts that vendors and recorders use.

| layout | known by | records |
|---|---|---|
| Binance's archive | its zips' names | as `binance_archive` |
| Tardis CSV, plain or gzip | its header | trades, book, quotes, marks, open interest |
| hftbacktest npz | its zip of one array | trades, book |
| Coin Metrics CSV or Parquet, daily | `time` or `date`, and a metric | chain_metrics |
| DefiLlama's list, a snapshot | `slug`, `tvl`, `snapshot_ts` | chain_metrics |
| ethereum-etl CSV | its columns | chain_events |
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from ...core.diagnostics import echo
from ...core.durations import seconds_of
from ...core.errors import InvalidInputError, LimitError
from ..ingest.fetch import Payload
from ..ingest.source import Batch, Step, Wanted
from .binance_csv import READERS
from .coinmetrics import is_coinmetrics, read_coinmetrics
from .defillama import is_snapshot, read_snapshot
from .ethereum_etl import CHAIN, is_ethereum_etl, read_ethereum_etl
from .evm_known import KnownBlocks
from .hftbacktest import read_hftbacktest
from .metric_rows import columns_of, is_table
from .tardis import is_tardis, read_tardis
from .unzip import BYTES_MAX, is_zip, only_member, unpacked_gzip

EPOCH = datetime.fromtimestamp(0, UTC)
_ARCHIVE = re.compile(
    r"(?P<symbol>[A-Z0-9_]+)-(?P<middle>[0-9]{1,2}[mhd]|[a-zA-Z]+)-"
    r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?\.(zip|csv)\Z"
)
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class File:
    """A file that a person named, and the SHA-256 of what it held then."""

    path: Path
    sha256: str


class LocalFiles:
    """Some files; ``venue`` and one symbol say what a file itself does not."""

    name = "files"
    streams: Mapping[str, str] = MappingProxyType({"files": "as each file says"})

    def __init__(self, files: Sequence[File], venue: str, blocks: KnownBlocks) -> None:
        """Keep the files in their order, and the blocks that are known of the venue's chain."""
        self._files = tuple(files)
        self._venue = venue
        self._blocks = blocks

    def plan(self, wanted: Wanted) -> Iterator[Step]:
        """Give a step a file; the same content again is the same step."""
        symbol = wanted.symbols[0] if len(wanted.symbols) == 1 else ""
        for file in self._files:
            yield Step(
                key=f"{file.path.name}/{file.sha256}",
                target=str(file.path),
                stream="files",
                symbol=symbol,
                start=EPOCH,
                end=wanted.now,
                final_at=EPOCH,
                overdue_at=wanted.now,
                query=(("venue", self._venue),),
            )

    def parse(self, step: Step, payload: bytes) -> list[Batch]:
        """Read a file of any layout that is known.

        Raises:
            InvalidInputError: when it has none of them, or is not whole.
        """
        name, venue = step.key.partition("/")[0], dict(step.query)["venue"]
        named = _ARCHIVE.match(name)
        if is_zip(payload) and name.endswith(".npz"):
            return read_hftbacktest(venue, step.symbol, payload)
        if is_zip(payload) and named is not None:
            return [_archived(venue, named, only_member(payload)[1])]
        content = unpacked_gzip(payload) if payload.startswith(_GZIP) else payload
        if is_tardis(content):
            return read_tardis(content)
        found = self._read_table(venue, step.symbol, content) if is_table(content) else None
        if found is not None:
            return found
        raise InvalidInputError(
            f"`{echo(name)}` has no layout that is known",
            help="known are the archive's zips under their own names, Tardis CSV, hftbacktest "
            "npz, Coin Metrics, DefiLlama and ethereum-etl; bars of your own go through "
            "`alphaforge data import`",
        )

    def _read_table(self, venue: str, symbol: str, content: bytes) -> list[Batch] | None:
        """Read a table of what happens on chains; none when its columns are no such."""
        columns = columns_of(content)
        if is_ethereum_etl(columns):
            return read_ethereum_etl(content, venue or CHAIN, self._blocks)
        if is_snapshot(columns):
            return read_snapshot(content)
        return read_coinmetrics(content, symbol) if is_coinmetrics(columns) else None


def _archived(venue: str, named: re.Match[str], content: bytes) -> Batch:
    middle = named["middle"]
    if middle in READERS:
        return READERS[middle](venue or "binanceusdm", named["symbol"], 0, content)
    if not middle[0].isdigit():
        raise InvalidInputError(
            f"the archive's files of `{echo(middle)}` are not read",
            help=f"read are klines and {', '.join(READERS)}",
        )
    return READERS["klines"](venue or "binanceusdm", named["symbol"], seconds_of(middle), content)


class FileFetch:
    """Read the files that were named, and no others."""

    def fetch(self, step: Step) -> Payload:
        """Return a file's bytes.

        Raises:
            InvalidInputError: when it is gone, or cannot be read.
            LimitError: when it is larger than one may be.
        """
        path = Path(step.target)
        try:
            if path.stat().st_size > BYTES_MAX:
                raise LimitError(
                    f"`{echo(path.name)}` has {path.stat().st_size} bytes",
                    help=f"at most {BYTES_MAX} are taken at once: split it",
                )
            return Payload(path.read_bytes())
        except OSError as error:
            raise InvalidInputError(
                f"`{echo(path.name)}` cannot be read: {echo(str(error.strerror))}",
                help="give the path of a file that can be read",
            ) from error
