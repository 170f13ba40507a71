"""``backtest DAY .. DAY``: the days of the back-test, the last one included."""

from datetime import date

from ..desk import Desk
from ..statement import Changes, statement
from ..strategy import Window
from ..syntax import Expression, Literal, Settings

_LATER = "write the whole window; splits come with a later version"


@statement(
    "backtest",
    start="days",
    form="backtest 2025-05-01 .. 2025-11-30",
    later={
        "walk_forward": _LATER,
        "purged": _LATER,
        "kfold": _LATER,
        "holdout": _LATER,
        "train": _LATER,
        "test": _LATER,
        "embargo": _LATER,
        "split": _LATER,
    },
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read two days that exist, the first not after the second."""
    start, end = (_day(part, desk) for part in body.subject)
    if start is None or end is None:
        return {}
    if start > end:
        desk.faults.error(
            "AF233",
            "the back-test ends before it starts",
            body.subject[1].span,
            f"write `{end} .. {start}`",
        )
        return {}
    return {"window": Window(start, end)}


def _day(part: Expression, desk: Desk) -> date | None:
    assert isinstance(part, Literal)
    try:
        return date.fromisoformat(part.text)
    except ValueError:
        desk.faults.error(
            "AF233",
            f"there is no day `{part.text}`",
            part.span,
            "write year, month and day: `2025-05-01`",
        )
        return None
