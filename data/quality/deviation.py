"""How far the closes of one dataset lie from those of another (numpy).

A deviation is ``abs(theirs / ours - 1)`` on bars that both have; instruments are paired and
brought to one number of coins as ``data.join`` does.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np

from ...core.clock import to_text
from ...core.diagnostics import Severity
from ...core.panel import Panel
from ..finding import Finding

ALIAS = "against"
_LATE = 0.99


@dataclass(frozen=True, slots=True)
class Deviation:
    """One instrument: fractions of our close; ``beyond`` counts bars above the threshold.

    ``at`` is the open of the bar with the largest one, UTC.
    """

    symbol: str
    bars: int
    median: float
    p99: float
    largest: float
    beyond: int
    at: str

    def data(self) -> dict[str, Any]:
        """Return the deviation as JSON values."""
        return asdict(self)


def deviations(panel: Panel, threshold: float) -> list[Deviation]:
    """Return the deviation of each instrument that has bars in both, the largest first."""
    ours, theirs = panel.fields["close"], panel.fields[f"{ALIAS}.close"]
    found = []
    for column, symbol in enumerate(panel.symbols):
        apart = np.abs(theirs[:, column] / ours[:, column] - 1.0)
        both = np.flatnonzero(~np.isnan(apart))
        if not both.size:
            continue
        values = apart[both]
        worst = int(both[int(values.argmax())])
        found.append(
            Deviation(
                symbol,
                int(both.size),
                float(np.median(values)),
                float(np.quantile(values, _LATE)),
                float(values.max()),
                int((values > threshold).sum()),
                to_text(datetime.fromtimestamp(int(panel.times[worst]), UTC)),
            )
        )
    return sorted(found, key=lambda item: (-item.largest, item.symbol))


def deviation_findings(found: Sequence[Deviation], threshold: float) -> list[Finding]:
    """Return a warning for each instrument with a bar above the threshold."""
    return [
        Finding(
            "deviation",
            Severity.WARNING,
            f"{item.beyond} of {item.bars} bars deviate by more than {threshold:.4g}: median "
            f"{item.median:.2%}, p99 {item.p99:.2%}, largest {item.largest:.2%}",
            item.symbol,
            item.beyond,
            item.at,
        )
        for item in found
        if item.beyond
    ]
