"""The bounds a worker puts on itself, which hold also when nobody watches it.

Memory: private memory that can be written to, beyond what the libraries took plus the budget, is
refused by the kernel. The address space is no measure: each thread of a library reserves much of it
and uses little, and a library that gets no thread may wait for it for ever. Processor time: a
signal, and a few seconds later the kernel's kill. Wall time: an alarm, and a few seconds later a
thread of the interpreter's own that ends the process whatever native code it is stuck in.
"""

import faulthandler
import resource
import signal
import sys
from types import FrameType

from ..core.errors import LimitError
from .limits import RunLimits

GRACE_SECONDS = 5


def bound_time(limits: RunLimits) -> None:
    """Bound processor time, wall time and file sizes; leave no core dump."""
    signal.signal(signal.SIGXCPU, _cpu_is_used)
    signal.signal(signal.SIGALRM, _time_is_up)
    cpu = limits.cpu_seconds
    _lower(resource.RLIMIT_CPU, cpu, cpu + GRACE_SECONDS)
    _lower(resource.RLIMIT_CORE, 0, 0)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes, limits.file_bytes)
    signal.alarm(limits.wall_seconds)
    faulthandler.dump_traceback_later(
        limits.wall_seconds + GRACE_SECONDS, exit=True, file=sys.stderr
    )


def bound_memory(limits: RunLimits) -> None:
    """Bound memory at what is used now plus the budget; call it once the libraries are loaded."""
    bound = private_bytes() + limits.memory_bytes
    _lower(resource.RLIMIT_DATA, bound, bound)


def private_bytes() -> int:
    """Return how much private memory this process can write to; 0 where the system is silent."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            return int(file.read().split()[5]) * resource.getpagesize()
    except FileNotFoundError:
        return 0


def _lower(what: int, soft: int, hard: int) -> None:
    _, ceiling = resource.getrlimit(what)
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(what, (soft, hard))


def _cpu_is_used(_number: int, _frame: FrameType | None) -> None:
    raise LimitError(
        "the run has used its processor time",
        help="shorten the backtest window, or make the formula smaller",
    )


def _time_is_up(_number: int, _frame: FrameType | None) -> None:
    raise LimitError(
        "the run has used its wall time",
        help="shorten the backtest window, or make the formula smaller",
    )
