"""Where the table of a kind of a dataset lies: a folder of the lake, or a bucket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..names import require_name
from ..schemas import model_of
from ..tables import require_no_link, require_plain


@dataclass(frozen=True, slots=True)
class Place:
    """One table; ``root`` is a folder, or the uri of one, with delta-rs' options for it."""

    root: Path | str
    dataset: str
    kind: str
    options: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse names that are no registry keys: they become parts of paths.

        Raises:
            InvalidInputError: when the dataset's name is none.
            NotFoundError: when there is no such kind.
        """
        require_name(self.dataset)
        model_of(self.kind)

    @property
    def folder(self) -> Path | None:
        """Return the folder; None: the table lies in a bucket."""
        if isinstance(self.root, str):
            return None
        return self.root.resolve() / self.dataset / self.kind

    @property
    def base(self) -> str:
        """Return what the paths of its data files begin with."""
        return str(self.folder or f"{self.root}/{self.dataset}/{self.kind}")

    @property
    def uri(self) -> str:
        """Return the table's uri."""
        return self.base if self.folder is None else self.folder.as_uri()

    def require_plain(self) -> None:
        """Refuse links below the root, and paths that readers take for patterns.

        Raises:
            BrokenError: when a part of the lake is a link.
            InvalidInputError: when the home's path has odd characters.
        """
        if self.folder is not None:
            require_no_link(self.folder)
            require_plain(self.folder)
