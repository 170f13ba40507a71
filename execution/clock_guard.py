"""The wall clock must walk: a step back, or a jump, halts the gateway (A5)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ..core.clock import Clock
from ..core.errors import AlphaForgeError

JUMP_MAX = timedelta(seconds=5)
SLEW = timedelta(milliseconds=5)


class ClockJumpedError(AlphaForgeError):
    """The clock cannot be believed, so no approval's time can be either."""

    code = "AF722"


@dataclass(slots=True)
class ClockGuard:
    """Compare the wall clock with the monotonic counter each time it is asked."""

    clock: Clock
    _last: datetime | None = field(default=None)
    _counter: int = field(default=0)

    def now(self) -> datetime:
        """Return the wall time.

        Raises:
            ClockJumpedError: when it stepped back, or by more than five seconds too far.
        """
        now, counter = self.clock.now(), self.clock.monotonic_ns()
        last, before = self._last, self._counter
        self._last, self._counter = now, counter
        if last is None:
            return now
        passed = timedelta(microseconds=(counter - before) / 1000)
        if now < last - SLEW or abs((now - last) - passed) > JUMP_MAX:
            raise ClockJumpedError(
                f"the clock went from {last.isoformat()} to {now.isoformat()}",
                help="set the clock right, then start the gateway again",
            )
        return now
