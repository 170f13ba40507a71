"""How fast a source is asked: requests a second, and pauses that the source orders."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

import numpy as np

from ...core.canonical import tagged_hash
from ...core.clock import Clock

Wait = Callable[[float], object]
SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Manners:
    """The bounds of one ingest: what runs at once, how often is tried, how long is waited."""

    workers: int = 4
    requests_per_second: float = 8.0
    attempts_max: int = 5
    wait_seconds_first: float = 0.25
    wait_seconds_max: float = 120.0
    seed: int = 0


class Pace:
    """Space requests evenly over all threads; a pause ordered by the source holds all of them."""

    def __init__(self, manners: Manners, clock: Clock, wait: Wait) -> None:
        """Start with a request allowed at once."""
        self._gap_ns = int(SECOND_NS / manners.requests_per_second)
        self._clock = clock
        self._wait = wait
        self._lock = Lock()
        self._free_ns = clock.monotonic_ns()

    def take(self) -> None:
        """Wait for this request's turn."""
        with self._lock:
            now = self._clock.monotonic_ns()
            at = max(now, self._free_ns)
            self._free_ns = at + self._gap_ns
        if at > now:
            self._wait((at - now) / SECOND_NS)

    def hold(self, seconds: float) -> None:
        """Let nobody ask for so long."""
        with self._lock:
            free = self._clock.monotonic_ns() + int(seconds * SECOND_NS)
            self._free_ns = max(self._free_ns, free)


def pause_seconds(manners: Manners, key: str, attempt: int) -> float:
    """Return how long to wait after a failed attempt (0, 1, ...): doubling, with seeded jitter.

    The jitter lies in [0.5, 1) of the doubled wait ("equal jitter"), drawn from a generator of the
    step's own, so that it does not hang on the order of threads.
    """
    seed = int(tagged_hash("alphaforge.ingest.jitter.v1", key.encode())[:15], 16)
    draw = np.random.default_rng([manners.seed, seed, attempt]).random()
    whole = min(manners.wait_seconds_first * float(2**attempt), manners.wait_seconds_max)
    return whole * (0.5 + 0.5 * draw)
