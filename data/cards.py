"""Cards on disk: one JSON file a dataset, replaced whole, found only by exact name."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..core.errors import BrokenError, NotFoundError
from ..core.nearest import nearest
from .card import DatasetCard, card_from
from .names import is_name, require_name

_SUFFIX = ".json"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
_CARD_BYTES_MAX = 64 * 1024 * 1024


class Cards:
    """The cards of one lake; links are never followed."""

    def __init__(self, folder: Path) -> None:
        """Keep the folder; it is made by the first ``put``."""
        self.folder = folder

    def names(self) -> list[str]:
        """Return the names of all datasets, ascending."""
        if not self.folder.is_dir():
            return []
        found = [path.stem for path in self.folder.iterdir() if path.suffix == _SUFFIX]
        return sorted(name for name in found if is_name(name))

    def find(self, name: str) -> DatasetCard | None:
        """Return a card; None: there is no dataset of that name.

        Raises:
            BrokenError: when the file is there and cannot be read as a card.
        """
        require_name(name)
        if not self.folder.is_dir():
            return None
        with self._handle() as folder:
            try:
                file = os.open(name + _SUFFIX, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise BrokenError(
                    f"the card of `{name}` is a link or unreadable", help="import the file again"
                ) from error
        with os.fdopen(file, "rb") as stream:
            return _parse(name, stream.read(_CARD_BYTES_MAX))

    def get(self, name: str) -> DatasetCard:
        """Return a card.

        Raises:
            NotFoundError: when there is no dataset of that name; names the closest one.
        """
        card = self.find(name)
        if card is not None:
            return card
        known = self.names()
        meant = nearest(name, known)
        there = ", ".join(known[:10]) or "none yet"
        raise NotFoundError(
            f"there is no dataset `{name}`",
            help=f"did you mean `{meant}`?" if meant else f"datasets: {there}",
            next=f"alphaforge data import FILE --name {name}",
        )

    def put(self, card: DatasetCard) -> None:
        """Replace a card: readers see the old one or the new one, also after a crash."""
        require_name(card.name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps(card.data(), ensure_ascii=False, sort_keys=True, indent=1)
        # The writer holds the dataset's lock, so one name for the draft is enough.
        draft = f".{card.name}.draft"
        with self._handle() as folder:
            file = os.open(draft, _FRESH, mode=0o600, dir_fd=folder)
            with os.fdopen(file, "wb") as stream:
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            os.rename(draft, card.name + _SUFFIX, src_dir_fd=folder, dst_dir_fd=folder)
            os.fsync(folder)

    @contextmanager
    def _handle(self) -> Iterator[int]:
        folder = os.open(self.folder, _FOLDER)
        try:
            yield folder
        finally:
            os.close(folder)


def _parse(name: str, text: bytes) -> DatasetCard:
    try:
        card = card_from(json.loads(text))
    except (ValueError, KeyError, TypeError) as error:
        raise BrokenError(
            f"the card of `{name}` cannot be read", help="import the file again to rewrite it"
        ) from error
    if card.name != name:
        raise BrokenError(f"the card of `{name}` says it is `{card.name}`")
    return card
