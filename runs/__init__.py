"""Runs: strategies meet data in worker processes, and what comes of it is never lost."""

from .limits import RunLimits
from .service import RunPage, Runs
from .states import State
from .view import RunView

__all__ = ["RunLimits", "RunPage", "RunView", "Runs", "State"]
