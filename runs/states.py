"""The states of a run and the one table of its moves."""

from enum import StrEnum

from ..core.errors import ImpossibleMoveError


class State(StrEnum):
    """Where a run stands."""

    CREATED = "created"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


MOVES = {
    State.CREATED: {State.QUEUED, State.CANCELLED},
    State.QUEUED: {State.RUNNING, State.CANCELLED},
    # Back to the queue: the server died before it had started the worker.
    State.RUNNING: {State.COMPLETED, State.FAILED, State.CANCELLED, State.QUEUED},
    State.COMPLETED: set[State](),
    State.FAILED: {State.QUEUED},  # A retry is a new attempt of the same run.
    State.CANCELLED: {State.QUEUED},  # Asked for again, it is a new attempt too.
}
ENDED = frozenset({State.COMPLETED, State.FAILED, State.CANCELLED})


def check_move(state: State, to: State) -> None:
    """Raise when the table has no such step.

    Raises:
        ImpossibleMoveError: names both states.
    """
    if to not in MOVES[state]:
        raise ImpossibleMoveError(state, to)
