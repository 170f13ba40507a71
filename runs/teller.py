"""A worker's word of how far it is, and its ear for whoever asks it to end."""

from time import monotonic

from ..core.errors import LimitError
from .folder import AttemptFolder

PROGRESS_SECONDS, PROGRESS_SHARE = 0.1, 0.02


class Teller:
    """Leaves word of the progress now and then, and hears when somebody asks for the end."""

    def __init__(self, folder: AttemptFolder) -> None:
        """Take the folder in which word is left."""
        self._folder = folder
        self._said_at, self._said = 0.0, -1.0
        self.low, self.high = 0.0, 1.0

    def between(self, low: float, high: float) -> None:
        """Map the reports that follow onto a part of the whole."""
        self.low, self.high = low, high

    def report(self, done: float, total: float, message: str) -> None:
        """Take a report, as ``core.progress`` means it.

        Raises:
            LimitError: when somebody asked for the end.
        """
        share = self.low + (self.high - self.low) * (done / total if total else 0.0)
        is_recent = monotonic() - self._said_at < PROGRESS_SECONDS
        if is_recent and share - self._said < PROGRESS_SHARE:
            return
        self._said_at, self._said = monotonic(), share
        if self._folder.is_to_stop():
            raise LimitError("the run was cancelled")
        self._folder.say_progress(round(share, 3), message)
