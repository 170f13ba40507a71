"""What a check found in a dataset: counted, placed, never repaired in silence."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from ..core.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect of one symbol, or of the whole dataset when ``symbol`` is empty.

    ``first`` is the open of the first bar concerned, UTC; ``rule`` names the check.
    """

    rule: str
    severity: Severity
    message: str
    symbol: str = ""
    count: int = 1
    first: str = ""

    def data(self) -> Mapping[str, object]:
        """Return the finding as JSON values."""
        return asdict(self)


def sorted_findings(found: Iterable[Finding]) -> list[Finding]:
    """Sort: errors first, then by rule and symbol."""
    order = list(Severity)
    return sorted(found, key=lambda item: (order.index(item.severity), item.rule, item.symbol))


@dataclass(frozen=True, slots=True)
class FieldSummary:
    """Statistics of one field over the served bars; None where there is no finite value."""

    field: str
    unit: str
    values: int
    missing: int
    low: float | None
    median: float | None
    high: float | None
    mean: float | None

    def data(self) -> Mapping[str, object]:
        """Return the summary as JSON values."""
        return asdict(self)
