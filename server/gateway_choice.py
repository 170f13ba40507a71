"""Which deployment a gateway is to run: the server's store proposes, it proves nothing."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..core.clock import Clock
from ..core.errors import AlphaForgeError, BrokenError, ConflictError, NotFoundError
from ..core.journal import Journal
from ..execution.approval import SignedPlan, tally_of
from ..policies.approvals import State as RequestState
from ..policies.approvals import Tally
from ..policies.keyring import Keyring
from ..policies.model import Bundle
from ..runs.approvals import Approvals
from ..runs.deployments import Deployment, Deployments, State
from .endings import Endings
from .keyfiles import load_keyring

STARTABLE = (State.APPROVED, State.STARTING, State.RUNNING, State.HALTED)
ALIVE = frozenset({RequestState.APPROVED, RequestState.CONSUMED})
ENDING = frozenset({State.STOPPING, State.STOPPED})


@dataclass(frozen=True, slots=True)
class Stores:
    """The server's queue and deployments, as the gateway reads them, and its journal's endings."""

    approvals: Approvals
    deployments: Deployments
    clock: Clock
    journal: Journal
    endings: Endings

    def close(self) -> None:
        """Close both."""
        self.approvals.close()
        self.deployments.close()


@dataclass(frozen=True, slots=True)
class Choice:
    """A deployment, and the request with the signatures that came with it."""

    deployment: Deployment
    request: SignedPlan
    is_ready: bool

    @property
    def text(self) -> str:
        """Return the strategy's source."""
        return self.deployment.text

    def tally(self, keyring: Keyring, bundle: Bundle, stores: Stores) -> Tally:
        """Count the signatures over the plan as stored; the plan that runs is counted again."""
        now = stores.clock.now()
        return tally_of(self.request, self.request.plan(), keyring=keyring, bundle=bundle, at=now)


def choose(stores: Stores, account: str, deployment_id: str) -> Choice:
    """Find the one deployment of an account that can run.

    Raises:
        NotFoundError: when there is none.
        ConflictError: when there are several and none is named.
    """
    if deployment_id:
        return choice_of(stores, stores.deployments.get(deployment_id))
    states = (State.REQUESTED, *STARTABLE)
    rows = stores.deployments.deployments(states=states, limit=1000)
    found = [choice_of(stores, row) for row in rows if row.account == account]
    ready = [choice for choice in found if choice.is_ready]
    if len(ready) > 1:
        names = ", ".join(choice.deployment.deployment_id for choice in ready)
        raise ConflictError(
            f"account `{account}` has {len(ready)} deployments", help=f"name one of {names}"
        )
    if ready:
        return ready[0]
    if found:
        # Let the gate say what is missing: it knows the quorum.
        return found[0]
    raise NotFoundError(
        f"account `{account}` has no deployment to run",
        help="`alphaforge deployments list` shows what there is",
        next="alphaforge deploy EXPERIMENT --stage paper --limits FILE",
    )


def choice_of(stores: Stores, row: Deployment) -> Choice:
    """Put a deployment together with its request."""
    # The rows can be changed back; a no that the journal holds stays a no.
    has_ended = stores.endings.has(row.request_id or row.deployment_id)
    if not row.request_id:
        request = SignedPlan("", row.plan_bytes, row.plan_hash, ())
        return Choice(row, request, is_ready=row.state in STARTABLE and not has_ended)
    asked = stores.approvals.get(row.request_id, row.tenant)
    request = SignedPlan(asked.request_id, asked.plan_bytes, asked.plan_hash, asked.signed)
    is_ready = asked.state in ALIVE and row.state not in ENDING and not has_ended
    return Choice(row, request, is_ready=is_ready)


def revocation(
    stores: Stores, choice: Choice, gateway_home: Path, keyring: Keyring, bundle: Bundle
) -> Callable[[], bool]:
    """Return the question that every order asks: has a human, or a lost key, ended this?"""
    plan = choice.request.plan()
    known = keyring.hash()

    name = choice.request.request_id or choice.deployment.deployment_id
    is_over = False

    def is_revoked() -> bool:
        nonlocal is_over
        # Once over, over: what is written afterwards does not bring it back.
        is_over = is_over or _is_over()
        return is_over

    def _is_over() -> bool:
        try:
            if stores.endings.has(name):
                return True
            row = stores.deployments.get(choice.deployment.deployment_id, plan.tenant)
            now = choice_of(stores, row)
            if row.state in ENDING or (row.request_id and not now.is_ready):
                return True
            ring = load_keyring(gateway_home)
            if not row.request_id or ring.hash() == known:
                return False
            return not choice.tally(ring, bundle, stores).is_met
        except sqlite3.Error as error:
            raise BrokenError(f"the server's store cannot be read: {error}") from error

    return is_revoked


def note(stores: Stores, choice: Choice, to: State, *, by: str, reason: str) -> str:
    """Tell the server's store how it goes; it is for people, so a refusal is only said."""
    row = choice.deployment
    try:
        stores.deployments.move(row.deployment_id, to, by=by, reason=reason, tenant=row.tenant)
    except AlphaForgeError as error:
        return error.message
    return ""
