"""What a chunk of bars leaves to the next one: each step's last answers and states, step by step.

The next chunk may be computed at the same time, on another thread: at each step it waits until this
one is past it. So it never falls behind what it needs, and results come in the order of time.
"""

from threading import Condition
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

    from ..core.panel import Matrix

# Of all steps, the share that a chunk gets ahead before one that had to wait for it goes on: waking
# a thread takes as long as a step.
AHEAD = 1 / 16


class AbandonedError(Exception):
    """The chunk before was not finished, for a reason that its own thread tells."""


class Handover:
    """Written by the chunk that it is of, once a step, and read by the next one.

    ``bars_seen`` counts the bars up to the chunk's end, ``steps`` the steps of each chunk.
    """

    def __init__(self, bars_seen: int = 0, steps: int = 0) -> None:
        """Begin before the first step; without arguments, before the first bar, where all is done.

        ``histories`` and ``states`` are by step.
        """
        self.bars_seen = bars_seen
        self.histories: dict[int, Matrix] = {}
        self.states: dict[int, Matrix] = {}
        self._steps = steps
        self._done = self._wanted = 0
        self._is_abandoned = False
        self._changed = Condition()

    def after(self, rows: int, steps: int) -> "Handover":
        """Return that of the next chunk, of some rows."""
        return Handover(self.bars_seen + rows, steps)

    def __enter__(self) -> Self:
        """Be computed."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: "TracebackType | None",
    ) -> None:
        """Tell the next chunk not to wait when this one failed."""
        if kind is not None:
            with self._changed:
                self._is_abandoned = True
                self._changed.notify_all()

    def tell(self, done: int) -> None:
        """Say how many steps are done, all that they leave being there."""
        self._done = done
        # Both sides write their own number before they read the other's, so that one of them sees.
        if 0 < self._wanted <= done:
            with self._changed:
                self._changed.notify_all()

    def wait(self, step: int) -> None:
        """Return once a step is done, ``step`` counted from 0.

        Raises:
            AbandonedError: when it never will be.
        """
        if self._done > step or not self._steps:
            return
        with self._changed:
            self._wanted = min(self._steps, step + 1 + int(self._steps * AHEAD))
            while self._done < self._wanted and not self._is_abandoned:
                self._changed.wait()
            self._wanted = 0
        if self._done <= step:
            raise AbandonedError
