"""What a running gateway is made of; every part is passed in."""

from collections.abc import Callable
from dataclasses import dataclass

from ..core.errors import AlphaForgeError
from ..core.principals import Principal
from ..policies.gate import Gate
from .books import Books
from .clock_guard import ClockGuard
from .deployment import Deployment
from .faults import FaultPoints
from .fills import Fills
from .kill import KillSwitch
from .lease import Lease
from .ledger import Ledger
from .orders import Orders
from .venues.venue import Venue

# How long and on what to wait for a venue, in seconds; given by the process, never a sleep here.
Pause = Callable[[float], None]
Say = Callable[[str], None]


class HaltedError(AlphaForgeError):
    """Trading stopped and waits for a human."""

    code = "AF723"


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one account's gateway."""

    ledger: Ledger
    lease: Lease
    kills: KillSwitch
    gate: Gate
    principal: Principal
    guard: ClockGuard
    venue: Venue
    orders: Orders
    fills: Fills
    books: Books
    deployment: Deployment
    faults: FaultPoints
    pause: Pause
    say: Say
