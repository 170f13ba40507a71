"""Named places in the order path where a test may end the process or break the venue."""

from collections.abc import Callable
from enum import StrEnum

# Called with the name of the place that is reached; does nothing in production.
FaultPoints = Callable[[str], None]

POINTS = tuple(
    f"{when}_{step}"
    for step in ("consume", "intent", "journal", "send", "ack", "fill", "checkpoint")
    for when in ("before", "after")
)


def no_faults(name: str) -> None:
    """Pass the place."""
    assert name in POINTS, name


class VenueFault(StrEnum):
    """How a simulated venue misbehaves on one order."""

    LOSE_REQUEST = "lose_request"  # time-out, the order never arrived
    LOSE_ACK = "lose_ack"  # accepted, then the connection ended
    SERVER_ERROR = "server_error"  # accepted, then answered 5xx
    REJECT = "reject"


# Asked for each order by its client id and how often it was placed; None: behave.
VenueFaults = Callable[[str, int], VenueFault | None]


def no_venue_faults(client_order_id: str, attempt: int) -> VenueFault | None:  # noqa: ARG001
    """Answer as a venue without faults: behave."""
    return None
