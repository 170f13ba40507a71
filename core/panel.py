"""A dense panel: fields on one grid of time and instruments."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Panel:
    """Fields as float64 ``[time, instrument]``; a missing bar is a row of NaN, never dropped.

    ``times`` are bar opens in epoch seconds UTC, ascending, one step apart; the bar
    ``[t, t + bar)`` is known only at its end. ``symbols`` ascend. ``first_bar`` is the index of
    ``times[0]`` counted in bars from the epoch, so that running sums re-anchor and periods begin
    alike whatever was cut and wherever a dataset begins. ``notes`` say what a reader must know.
    """

    dataset: str
    snapshot: str
    bar_seconds: int
    times: "NDArray[np.int64]"
    symbols: tuple[str, ...]
    fields: "Mapping[str, Matrix]"
    first_bar: int = 0
    derived: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int]:
        """Return the count of bars and of instruments."""
        return len(self.times), len(self.symbols)

    def rows(self, start: int, stop: int) -> "Panel":
        """Cut rows ``start`` up to, not including, ``stop``; the absolute bar index goes along."""
        return replace(
            self,
            times=self.times[start:stop],
            fields={name: values[start:stop] for name, values in self.fields.items()},
            first_bar=self.first_bar + start,
        )
