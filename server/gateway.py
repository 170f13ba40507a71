"""The gateway's own process, put together: its home, what it verifies, and what it then runs.

1. The homes are apart, and on a venue with real money the OS users are.
2. The server's store proposes a deployment; its text is compiled anew, the plan rebuilt from what
   this process holds and compared with the signed hash, the signatures verified with the keyring
   of the gateway's home.
3. Lease, then the approval is consumed, then ``execution.gateway`` reconciles and trades.

It imports neither mcp nor tools: an agent's words reach it only as bytes that humans signed.
"""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING

from ..core.errors import AlphaForgeError
from ..core.home import Home
from ..core.journal import Journal
from ..core.principals import Principal
from ..execution.account_name import account_name
from ..execution.approval import Approval, Loaded, NotApprovedError, verified
from ..execution.books import Books
from ..execution.catalogue import venue_kind
from ..execution.clock_guard import ClockGuard
from ..execution.consumption import consume
from ..execution.deployment import Deployment, Pace
from ..execution.faults import no_faults
from ..execution.fills import Fills
from ..execution.gateway import Gateway
from ..execution.kill import KillSwitch
from ..execution.lease import AccountLock, next_epoch
from ..execution.ledger import Ledger, private_folder
from ..execution.market import Replay
from ..execution.orders import Orders
from ..execution.parts import Parts
from ..execution.summary import GatewayState, Summary
from ..execution.venues.venue import Venue, VenueSetup
from ..policies.action import Action
from ..policies.approvals import State as RequestState
from ..policies.default import default_bundle
from ..policies.gate import Gate, enforce
from ..policies.keyring import Keyring
from ..policies.plan import Plan
from ..policies.request import Request
from ..runs.deployments import State
from .endings import check_journal
from .gateway_choice import Choice, Stores, choose, note, revocation
from .gateway_house import House, Wish, check_homes, checked_venue
from .gateway_replay import bars_of
from .keyfiles import CHECKPOINTS, load_keyring

if TYPE_CHECKING:
    from .gateway_load import Load

Say = Callable[[str], None]
ENDS = {
    GatewayState.FINISHED: State.HALTED,
    GatewayState.HALTED: State.HALTED,
    GatewayState.TRADING: State.HALTED,
    GatewayState.WOUND_DOWN: State.STOPPED,
}


def start_request(house: House, wish: Wish, asker: Principal) -> Request:
    """Return the question to the gate: may this deployment start, given these signatures?"""
    check_homes(house)
    with house.stores() as stores:
        choice = choose(stores, account_name(wish.account), wish.deployment_id)
        keyring = load_keyring(house.gateway_home)
        tally = choice.tally(keyring, default_bundle(), stores)
    plan = choice.request.plan()
    return _start(plan, asker, is_quorum_met=tally.is_met, has_demo_keys=tally.has_demo_keys)


def run_gateway(house: House, wish: Wish, say: Say) -> Summary:
    """Verify, take the account, and trade until the replay ends or something halts it.

    Raises:
        NotApprovedError: when what would run is not what humans signed.
        ConflictError: when a gateway of the account is running, or the approval was used.
    """
    check_homes(house)
    private_folder(house.gateway_home)
    with ExitStack() as stack:
        stores = stack.enter_context(house.stores())
        points = house.gateway_home / "audit" / CHECKPOINTS
        check_journal(house.home.journal_db, points)
        stores.journal.checkpoint(points)
        choice = choose(stores, account_name(wish.account), wish.deployment_id)
        kind = checked_venue(house, choice.request.plan())
        if not choice.is_ready:
            raise NotApprovedError(
                f"`{choice.deployment.deployment_id}` is not approved, or has ended",
                help="alphaforge approvals list",
            )
        say(f"deployment {choice.deployment.deployment_id}: compiling and rebuilding the plan")
        load = _load(house, choice)
        journal = Journal(Home(house.gateway_home).journal_db, house.clock)
        stack.callback(journal.close)
        ledger = Ledger(house.gateway_home, journal, house.clock)
        stack.callback(ledger.close)
        lock = AccountLock(house.gateway_home, wish.account)
        stack.callback(lock.release)
        venue = kind.open(VenueSetup(house.gateway_home, wish.account, load.contracts(kind.name)))
        stack.callback(venue.close)
        running = _Running(house, wish, say, stores, choice, load, ledger, journal, venue)
        return running.trade()


def _start(plan: Plan, asker: Principal, *, is_quorum_met: bool, has_demo_keys: bool) -> Request:
    return Request(
        action=Action.GATEWAY_START,
        principal=asker,
        stage=plan.stage,
        resource=plan.account,
        facts={
            "venue": plan.venue,
            "plan_bundle_hash": plan.bundle_hash,
            "quorum_is_met": is_quorum_met,
            "has_demo_keys": has_demo_keys,
        },
    )


def _load(house: House, choice: Choice) -> "Load":
    # Opened here: what starts without a deployment must not pay for the engine.
    from .gateway_load import load_text

    plan = choice.request.plan()
    return load_text(choice.text, plan, house.home, Home(house.gateway_home), house.clock)


def _pause(seconds: float) -> None:
    Event().wait(seconds)


@dataclass(frozen=True, slots=True)
class _Running:
    """One process's parts, opened."""

    house: House
    wish: Wish
    say: Say
    stores: Stores
    choice: Choice
    load: "Load"
    ledger: Ledger
    journal: Journal
    venue: Venue

    def trade(self) -> Summary:
        """Verify and consume the approval, then run the loop and tell the server how it ended."""
        gate = Gate(default_bundle(), self.journal, self.house.ids)
        loaded = self._loaded()
        approval = self._approval(loaded)
        start = _start(
            approval.plan,
            self.house.principal,
            is_quorum_met=approval.needs_signatures,
            has_demo_keys=approval.has_demo_keys,
        )
        parts = enforce(
            start,
            gate=gate,
            work=lambda _decision: self._parts(gate, loaded, approval),
            request_id=approval.request_id,
        )
        replay = Replay(self.load.panel, self.venue.instruments())
        bars = bars_of(self.wish.span, replay, parts)
        self._note(State.STARTING, "reconciling")
        self._note(State.RUNNING, f"lease {parts.lease.epoch}")
        summary = Gateway(parts, replay).run(bars, self.wish.adoption)
        self._note(ENDS[summary.state], summary.reason)
        self._anchor()
        return summary

    def _loaded(self) -> Loaded:
        """Gather what is about to run, from this process's memory and the connected venue."""
        plan = self.choice.request.plan()
        known = self.venue.instruments()
        return replace(
            self.load.loaded,
            venue=self.venue.name,
            account=self.venue.account,
            # What the venue does not have cannot be what runs: the hash will differ.
            instruments=tuple(name for name in plan.instruments if name in known),
            bundle_hash=default_bundle().hash,
        )

    def _approval(self, loaded: Loaded) -> Approval:
        keyring: Keyring = load_keyring(self.house.gateway_home)
        bundle = default_bundle()
        return verified(
            self.choice.request,
            loaded,
            keyring=keyring,
            bundle=bundle,
            at=self.house.clock.now(),
            is_revoked=revocation(
                self.stores, self.choice, self.house.gateway_home, keyring, bundle
            ),
        )

    def _parts(self, gate: Gate, loaded: Loaded, approval: Approval) -> Parts:
        house, ledger = self.house, self.ledger
        # Where money is real nobody asks for a crash.
        faults = self.wish.faults if venue_kind(self.venue.name).is_simulated else no_faults
        account = self.venue.account
        with ledger.write() as writing:
            holder = f"{house.principal.id}/{os.getpid()}"
            lease = next_epoch(writing.db, account, holder, writing.at)
        key = self.choice.deployment.deployment_id
        stamp = consume(ledger, lease, approval, key=key, faults=faults)
        self._note_consumed(approval)
        self._anchor()
        orders = Orders(ledger, account)
        fills = Fills(ledger, self.venue, orders, faults)
        strategy = self.load.strategy
        pace = Pace(
            strategy.bar_seconds,
            strategy.rebalance_bars,
            strategy.delay_bars,
            strategy.portfolio.turnover_max,
        )
        return Parts(
            ledger=ledger,
            lease=lease,
            kills=KillSwitch(ledger),
            gate=gate,
            principal=house.principal,
            guard=ClockGuard(house.clock),
            venue=self.venue,
            orders=orders,
            fills=fills,
            books=Books(ledger, self.venue, orders, fills),
            deployment=Deployment(stamp, approval, loaded, pace, self.load.signals),
            faults=faults,
            pause=_pause,
            say=self.say,
        )

    def _note_consumed(self, approval: Approval) -> None:
        if not approval.request_id:
            return
        now = self.stores.approvals.get(approval.request_id, approval.plan.tenant)
        if now.state is RequestState.APPROVED:
            name = self.choice.deployment.deployment_id
            self.stores.approvals.consume(approval.request_id, self.house.principal, name)

    def _note(self, to: State, reason: str) -> None:
        if fault := note(self.stores, self.choice, to, by=self.house.principal.id, reason=reason):
            self.say(f"the server's store did not take `{to}`: {fault}")

    def _anchor(self) -> None:
        """Keep size and head of the server's journal in this home, so that a cut end shows."""
        try:
            self.stores.journal.checkpoint(self.house.gateway_home / "audit" / CHECKPOINTS)
        except (OSError, AlphaForgeError) as error:
            # The orders have been answered for; an anchor less is said, not a reason to stop.
            self.say(f"no checkpoint of the server's journal was kept: {error}")
