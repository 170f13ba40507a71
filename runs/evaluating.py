"""The evaluator of a worker, with the cache of sub-expressions that its home keeps."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.cache import Cache
from ..engine.evaluate import Evaluator
from ..engine.kernels import Kernels

if TYPE_CHECKING:
    from .job import Job


@contextmanager
def evaluator_of(job: "Job", engine: str) -> Iterator[Evaluator]:
    """Give an evaluator for the length of a job; what it found and kept is counted at its end."""
    kernels = Kernels(Path(job.kernels))
    threads = job.limits.threads_of(_cores())
    if not job.cache:
        yield Evaluator(kernels, threads=threads)
        return
    with Cache(Path(job.cache), job.cache_bytes, engine=engine) as cache:
        yield Evaluator(kernels, threads=threads, memory=cache)


def _cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1  # Not Linux.
