"""The data sets of a session, made anew: simulated from their seed, or imported from their file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.clock import from_text
from ..core.errors import AlphaForgeError, NotFoundError
from .session import DatasetNote

if TYPE_CHECKING:
    from ..data.card import DatasetCard
    from ..data.lake import Lake

SEED = re.compile(r"seed (\d+)\Z")
FILES_MAX = 20_000


def rebuild(lake: "Lake", notes: Iterable[DatasetNote], folders: Sequence[Path]) -> None:
    """Bring every data set of a session into the lake, and hold its content against the snapshot.

    Raises:
        NotFoundError: when one cannot be had, or has another content now.
    """
    for note in notes:
        card = _simulated(lake, note) if note.is_synthetic else _imported(lake, note, folders)
        if card.snapshot != note.snapshot:
            raise NotFoundError(
                f"data set `{note.name}` is {card.snapshot} here, the session saw {note.snapshot}",
                help="its file has changed, or the importer or simulator has; record it again",
            )


def _simulated(lake: "Lake", note: DatasetNote) -> "DatasetCard":
    from ..data.market import simulate_market

    found = SEED.search(note.origin)
    if found is None:
        raise NotFoundError(
            f"data set `{note.name}` is synthetic, and its origin `{note.origin[:80]}` has no seed"
        )
    start, end = from_text(note.start), from_text(note.end)
    table, truth = simulate_market(
        int(found[1]),
        instruments=note.symbols,
        bars=int((end - start).total_seconds()) // note.bar_seconds + 1,
        start=start,
        bar_seconds=note.bar_seconds,
    )
    return lake.import_table(table, note.name, truth.source())


def _imported(lake: "Lake", note: DatasetNote, folders: Sequence[Path]) -> "DatasetCard":
    """Import the file of that name whose content fits; several may have the name."""
    last: DatasetCard | None = None
    for path in _files_named(Path(note.origin).name, folders):
        try:
            last = lake.import_file(path, note.name)
        except AlphaForgeError:
            continue
        if last.snapshot == note.snapshot:
            return last
    if last is not None:
        return last
    raise NotFoundError(
        f"data set `{note.name}` came from `{note.origin[:80]}`, which is not here",
        help="name the folder that holds the file with `--data FOLDER`",
    )


def _files_named(name: str, folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        for count, path in enumerate(sorted(folder.rglob(name))):
            if count < FILES_MAX and path.is_file():
                yield path
