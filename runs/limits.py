"""What a run may use; a deployment may set tighter limits than these."""

from dataclasses import dataclass

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class RunLimits:
    """Bounds of one run and of all runs of a home together.

    ``memory_bytes`` is what a worker may take on top of what its libraries took to be loaded.
    ``cells_max`` bounds rows x columns x nodes, ``work_max`` the units of work that operators and
    their windows make of them (about a nanosecond each); both are judged before the start.
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
