"""Where an ingest puts what it gets."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..objects import Objects

if TYPE_CHECKING:
    from ..records import Records


@dataclass(frozen=True, slots=True)
class Stores:
    """The lake's folder, the tables, and the payloads as received."""

    root: Path
    records: "Records"
    objects: Objects
