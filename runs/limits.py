"""What a run may use; a deployment may set tighter limits than these."""

from dataclasses import dataclass

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Bounds of one run and of all runs of a home together.

    ``memory_bytes`` is what a worker may take on top of what its libraries took to be loaded.
    ``cells_max`` bounds rows x columns x nodes, ``work_max`` the units of work that operators and
    their windows make of them (about a nanosecond each); both are judged before the start.
    ``threads`` compute the signals of a run; 0 stands for its share of the cores when as many run
    as may, one at least.
    """

    memory_bytes: int = 4 * GIB
    cpu_seconds: int = 900
    wall_seconds: int = 1_800
    file_bytes: int = 2 * GIB
    cells_max: int = 20_000_000_000
    work_max: int = 600_000_000_000
    running_max: int = 2
    queued_max: int = 200
    attempts_max: int = 3
    threads: int = 0

    def threads_of(self, cores: int) -> int:
        """Return how many threads a run has where its process may use some cores."""
        return self.threads or max(1, cores // self.running_max)
