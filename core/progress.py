"""How long work tells its caller how far it is."""

from collections.abc import Callable

# done, total, what is being done; called from the thread that works.
Report = Callable[[float, float, str], None]


def silent(done: float, total: float, message: str) -> None:
    """Report to nobody."""


def part(report: Report, low: float, high: float) -> Report:
    """Map reports of a part onto its share of the whole."""

    def tell(done: float, total: float, message: str) -> None:
        report(low + (high - low) * (done / total if total else 0.0), 1.0, message)

    return tell
