"""All that a tear sheet shows, gathered by the caller; this package reads no store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..artifacts import Series
    from ..folds import FoldResult
    from ..statistics import Luck


@dataclass(frozen=True, slots=True)
class Sheet:
    """One run's tear sheet; every text is shown as it is, escaped."""

    title: str
    series: "Series"
    metrics: Mapping[str, float | None]
    doc: str = ""
    dataset: str = ""
    origin: Mapping[str, str] | None = None  # such as experiment, fingerprint, snapshot, engine
    luck: "Luck | None" = None
    notes: tuple[str, ...] = ()  # of the run and of the dataset, survivorship among them
    text: str = ""  # the strategy's source
    is_synthetic: bool = False
    folds: "tuple[FoldResult, ...]" = ()


SYNTHETIC = "SYNTHETIC DATA: a simulator made these prices; the figures say nothing of any market"
