"""Time is passed in: every part that needs the hour asks a clock it was given."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tell the instant, always aware and in UTC."""

    def now(self) -> datetime:
        """Return the present instant."""
        ...

    def monotonic_ns(self) -> int:
        """Return a counter that never steps back, in nanoseconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)

    def monotonic_ns(self) -> int:
        """Return the machine's monotonic counter."""
        return time.monotonic_ns()


@dataclass(slots=True)
class SteppedClock:
    """A clock that advances by a fixed step each time it is asked: same calls, same times."""

    start: datetime
    step: timedelta = field(default=timedelta(milliseconds=1))
    asked: int = 0

    def now(self) -> datetime:
        """Return the start plus one step for every earlier question."""
        instant = self.start + self.asked * self.step
        self.asked += 1
        return instant

    def monotonic_ns(self) -> int:
        """Return the time that has passed since the start, in nanoseconds."""
        return int(self.asked * (self.step / timedelta(microseconds=1))) * 1000

    def advance(self, by: timedelta) -> None:
        """Move the clock forward by hand."""
        self.start += by


def to_text(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC with microseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """Read what ``to_text`` wrote."""
    return datetime.fromisoformat(text)
