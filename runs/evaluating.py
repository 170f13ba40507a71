"""The evaluator of a worker, with the cache of sub-expressions that its home keeps."""

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
    if not job.cache:
        yield Evaluator(kernels)
        return
    with Cache(Path(job.cache), job.cache_bytes, engine=engine) as cache:
        yield Evaluator(kernels, memory=cache)
