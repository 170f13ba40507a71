"""The states of an order, and the one table of its steps."""

from enum import StrEnum

from ..core.errors import ImpossibleMoveError


class OrderState(StrEnum):
    """Where an order is, as far as we know."""

    NEW = "new"  # durable, not sent
    SENDING = "sending"  # durable, the first byte may have left
    UNKNOWN = "unknown"  # sent, the outcome is not known
    OPEN = "open"  # the venue holds it
    FILLED = "filled"
    EXPIRED = "expired"  # ended by its time in force, perhaps filled in part
    CANCELLED = "cancelled"
    REJECTED = "rejected"  # by the venue
    REFUSED = "refused"  # by us, before the first byte


S = OrderState
MOVES = {
    S.NEW: {S.SENDING, S.REFUSED},
    # REFUSED from SENDING: the last look at kill switch and approval said no.
    S.SENDING: {S.OPEN, S.FILLED, S.EXPIRED, S.CANCELLED, S.REJECTED, S.UNKNOWN, S.REFUSED},
    # NEW from UNKNOWN: the venue was asked twice and never got it; it goes again under its id.
    S.UNKNOWN: {S.OPEN, S.FILLED, S.EXPIRED, S.CANCELLED, S.REJECTED, S.NEW},
    S.OPEN: {S.FILLED, S.EXPIRED, S.CANCELLED, S.REJECTED},
    S.FILLED: set[OrderState](),
    S.EXPIRED: set[OrderState](),
    S.CANCELLED: set[OrderState](),
    S.REJECTED: set[OrderState](),
    S.REFUSED: set[OrderState](),
}
TERMINAL = frozenset(state for state, targets in MOVES.items() if not targets)
UNCERTAIN = frozenset({S.SENDING, S.UNKNOWN})


def move(state: OrderState, to: OrderState) -> OrderState:
    """Step to the next state, or raise when the table has no such step."""
    if to not in MOVES[state]:
        raise ImpossibleMoveError(state, to)
    return to
