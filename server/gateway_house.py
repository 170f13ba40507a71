"""The two homes of a gateway process, what it was asked, and what keeps them apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..core.clock import Clock
from ..core.errors import InvalidInputError, RefusedError
from ..core.home import Home
from ..core.ids import Ids
from ..core.journal import Journal
from ..core.principals import Principal
from ..execution.approval import UNSIGNED
from ..execution.catalogue import venue_kind
from ..execution.faults import FaultPoints, no_faults
from ..execution.gateway import Adoption
from ..execution.venues.venue import VenueKind
from ..policies.plan import Plan
from ..runs.approvals import Approvals
from ..runs.deployments import Deployments
from .endings import Endings
from .gateway_choice import Stores
from .gateway_replay import Span


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command asks of one gateway process."""

    account: str
    deployment_id: str = ""
    span: Span = Span()  # noqa: RUF009  # Frozen.
    adoption: Adoption | None = None
    faults: FaultPoints = no_faults


@dataclass(frozen=True, slots=True)
class House:
    """The two homes, the clock and the mint of one process."""

    home: Home
    gateway_home: Path
    clock: Clock
    ids: Ids
    principal: Principal

    @contextmanager
    def stores(self) -> Iterator[Stores]:
        """Open the server's queue and deployments."""
        journal = Journal(self.home.journal_db, self.clock)
        stores = Stores(
            Approvals(self.home.control_db, journal, self.clock, self.ids),
            Deployments(self.home.control_db, journal, self.clock),
            self.clock,
            journal,
            Endings(journal),
        )
        try:
            yield stores
        finally:
            stores.close()
            journal.close()


def check_homes(house: House) -> None:
    """Refuse one folder for both, or one inside the other.

    Raises:
        InvalidInputError: when they are not apart.
    """
    server, gateway = house.home.root.resolve(), house.gateway_home.resolve()
    if server == gateway or server in gateway.parents or gateway in server.parents:
        raise InvalidInputError(
            "the gateway's home and the server's are not apart",
            help="give --gateway-home a folder of its own: it holds what the server must not write",
        )


def checked_venue(house: House, plan: Plan) -> VenueKind:
    """Return the plan's venue, if these homes and this stage may trade on it.

    Raises:
        RefusedError: when real money would share an OS user with the server, or nobody signs.
    """
    kind = venue_kind(plan.venue)
    if kind.is_simulated:
        return kind
    if plan.stage in UNSIGNED:
        raise RefusedError(
            f"stage {plan.stage} does not reach the venue `{kind.name}`",
            decision_id="",
            rule_ids=("unsigned_stages_are_simulated",),
            help="deploy at stage live, and have the plan signed",
        )
    if house.home.root.stat().st_uid == house.gateway_home.stat().st_uid:
        raise RefusedError(
            f"server and gateway are one OS user, so `{kind.name}` cannot be traded",
            decision_id="",
            rule_ids=("users_apart",),
            help="run the gateway as an OS user of its own, with its own --gateway-home",
        )
    return kind
