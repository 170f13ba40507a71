"""One step asked for until it is answered, or often enough."""

from .fetch import Fetch, LongPauseError, Payload, TryAgainError
from .pace import Manners, Pace, Wait, pause_seconds
from .source import Step


def fetch_patiently(  # What one request needs, each from the ingest.
    fetch: Fetch, step: Step, *, manners: Manners, pace: Pace, wait: Wait
) -> tuple[Payload, int]:
    """Return the answer and how many attempts it took.

    Raises:
        TryAgainError: when the last attempt failed too; says how many there were.
        LongPauseError: when the source orders a longer pause than is waited for.
    """
    for attempt in range(manners.attempts_max):
        pace.take()
        try:
            return fetch.fetch(step), attempt + 1
        except TryAgainError as error:
            if error.after_seconds > manners.wait_seconds_max:
                raise LongPauseError(
                    f"{error.message}; it asks for a pause of {error.after_seconds:.0f} s",
                    after_seconds=error.after_seconds,
                    help=f"ingest again after that; at most {manners.wait_seconds_max:.0f} s "
                    "are waited",
                ) from error
            if attempt + 1 == manners.attempts_max:
                raise TryAgainError(f"{error.message} ({attempt + 1} attempts)") from error
            if error.after_seconds:
                pace.hold(error.after_seconds)
            wait(max(error.after_seconds, pause_seconds(manners, step.key, attempt)))
    raise AssertionError("an ingest tries at least once")
