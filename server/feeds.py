"""Which sources there are, and through which door of the network each is asked."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..core.diagnostics import echo
from ..core.errors import InvalidInputError, NotFoundError, UsageError
from ..core.nearest import nearest

if TYPE_CHECKING:
    from ..data import Lake
    from ..data.ingest.fetch import Fetch
    from ..data.ingest.source import Source
    from ..data.sources.evm_known import KnownBlocks


@dataclass(frozen=True, slots=True)
class Opening:
    """What a feed is opened with: another address than its own, the lake, the dataset, a clock.

    Files that a person named are for the source ``files``; the venue is theirs, or a node's chain.
    """

    base_url: str
    lake: "Lake"
    dataset: str
    clock: Clock
    files: Sequence[Path] = ()
    venue: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A source and the way to it."""

    source: "Source"
    fetch: "Fetch"


def open_feed(name: str, opening: Opening) -> Feed:
    """Open a source by its name.

    Raises:
        NotFoundError: when there is none of that name; says the closest.
    """
    if name not in FEEDS:
        meant = nearest(name, list(FEEDS))
        raise NotFoundError(
            f"there is no source `{echo(name)}`",
            help=f"did you mean `{meant}`?" if meant else f"sources: {', '.join(sorted(FEEDS))}",
        )
    return FEEDS[name](name, opening)


def _archive(name: str, opening: Opening) -> Feed:
    from ..data.sources.binance_archive import ARCHIVES
    from ..execution.feeds.archive import ArchiveFetch
    from ..execution.feeds.http import Web

    source = next(each for each in ARCHIVES if each.name == name)
    web = Web(opening.base_url or "https://data.binance.vision", opening.clock)
    return Feed(source, ArchiveFetch(web, opening.lake.root / "ingest" / "parts"))


def _rest(name: str, opening: Opening) -> Feed:
    from ..data.sources.ccxt_rest import CCXT_SOURCES
    from ..execution.feeds.ccxt_rest import CcxtFetch

    source = next(each for each in CCXT_SOURCES if each.name == name)
    return Feed(source, CcxtFetch(name, opening.clock, opening.base_url))


def _files(_: str, opening: Opening) -> Feed:
    from ..data.sources.local_files import File, FileFetch, LocalFiles

    if not opening.files:
        raise UsageError("no file was named", help="add `--files A.zip B.csv.gz`")
    files = [File(path, sha256_of(path)) for path in opening.files]
    return Feed(LocalFiles(files, opening.venue, _blocks(opening)), FileFetch())


def _coinmetrics(_: str, opening: Opening) -> Feed:
    from ..data.sources.coinmetrics import CoinMetrics
    from ..execution.feeds.http import Web

    url = opening.base_url or "https://community-api.coinmetrics.io/v4"
    return Feed(CoinMetrics(), Web(url, opening.clock))


def _defillama(_: str, opening: Opening) -> Feed:
    from ..data.sources.defillama import DefiLlama
    from ..execution.feeds.http import Web

    return Feed(DefiLlama(), Web(opening.base_url or "https://api.llama.fi", opening.clock))


def _evm(_: str, opening: Opening) -> Feed:
    from ..data.sources.ethereum_etl import CHAIN
    from ..data.sources.evm_rpc import EvmNode
    from ..execution.feeds.http import Web
    from ..execution.feeds.rpc import HEADERS, RpcFetch

    if not opening.base_url:
        raise UsageError("no node was named", help="add `--base-url http://127.0.0.1:8545`")
    web = Web(opening.base_url, opening.clock, headers=HEADERS)
    return Feed(EvmNode(opening.venue or CHAIN, _blocks(opening)), RpcFetch(web))


def _blocks(opening: Opening) -> "KnownBlocks":
    """Return the blocks of the venue's chain that the dataset has, read when they are needed."""
    import polars as pl

    from ..data.sources.ethereum_etl import CHAIN
    from ..data.sources.evm_blocks import KIND
    from ..data.sources.evm_known import KnownBlocks

    chain = opening.venue or CHAIN

    def stored(height: int) -> pl.DataFrame | None:
        records = opening.lake.records
        if KIND not in records.kinds(opening.dataset):
            return None
        rows = records.scan(KIND, opening.dataset, venue=chain)
        return rows.filter(pl.col("block_number") >= height).collect()

    return KnownBlocks(stored)


def sha256_of(path: Path) -> str:
    """Return the hash of a file's content.

    Raises:
        InvalidInputError: when there is no such file.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInputError(
            f"there is no file `{echo(str(path))}`", help="give the path of a file"
        ) from error


FEEDS: Mapping[str, Callable[[str, Opening], Feed]] = {
    "binance_archive": _archive,
    "binance_spot_archive": _archive,
    "binanceusdm": _rest,
    "bybit": _rest,
    "okx": _rest,
    "hyperliquid": _rest,
    "files": _files,
    "coinmetrics": _coinmetrics,
    "defillama": _defillama,
    "evm": _evm,
}
