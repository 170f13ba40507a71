"""The days that are withheld from every back-test, and those that are left to see.

A holdout is cut from the end of the window a text names; without a window, from the end of the days
that the data set has. What it takes is neither loaded nor simulated.
"""

from datetime import date
from typing import TYPE_CHECKING

from ..core.errors import InvalidInputError
from ..dsl.strategy import Window

if TYPE_CHECKING:
    from ..dsl.strategy import Strategy


def last_day(strategy: "Strategy", covered: Window) -> date | None:
    """Return the last day that may be seen, or nothing where all may be; ``covered`` has data.

    Raises:
        InvalidInputError: when the holdout leaves no day.
    """
    window = strategy.window
    if strategy.holdout is None:
        return None if window is None else window.end
    days = window or covered
    seen = strategy.holdout.seen(days)
    if seen is None:
        raise InvalidInputError(
            f"the holdout takes all days of {days.start} .. {days.end}",
            help="withhold fewer days, or choose a longer window",
        )
    return seen.end


def withheld(strategy: "Strategy", covered: Window) -> Window | None:
    """Return the days that are withheld, or nothing where none is."""
    last = last_day(strategy, covered)
    if strategy.holdout is None or last is None:
        return None
    end = (strategy.window or covered).end
    return Window(date.fromordinal(last.toordinal() + 1), end)
