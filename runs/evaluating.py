"""The evaluator of a worker, with the memory of sub-expressions that its home keeps."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.evaluate import Evaluator
from ..engine.kernels import Kernels

if TYPE_CHECKING:
    from .job import Job


@contextmanager
def evaluator_of(job: "Job") -> Iterator[Evaluator]:
    """Give an evaluator for the length of a job; what it remembered is counted at its end."""
    yield Evaluator(Kernels(Path(job.kernels)))
