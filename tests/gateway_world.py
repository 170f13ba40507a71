"""A small market, two humans, a plan and a gateway, all real, for the tests of the gateway."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import sin
from pathlib import Path

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from alphaforge.core.clock import SteppedClock
from alphaforge.core.home import Home
from alphaforge.core.ids import CountedIds
from alphaforge.core.journal import Journal
from alphaforge.core.panel import Panel
from alphaforge.core.principals import Kind, Principal, Stage
from alphaforge.execution.approval import Approval, Loaded, SignedPlan, verified
from alphaforge.execution.books import Books
from alphaforge.execution.clock_guard import ClockGuard
from alphaforge.execution.consumption import consume
from alphaforge.execution.contracts import contracts_of
from alphaforge.execution.deployment import Deployment, Pace
from alphaforge.execution.faults import FaultPoints, VenueFaults, no_faults, no_venue_faults
from alphaforge.execution.fills import Fills
from alphaforge.execution.gateway import Adoption, Gateway
from alphaforge.execution.kill import KillSwitch
from alphaforge.execution.lease import AccountLock, Lease, next_epoch
from alphaforge.execution.ledger import Ledger, private_folder
from alphaforge.execution.market import Replay
from alphaforge.execution.orders import Orders
from alphaforge.execution.parts import Parts
from alphaforge.execution.summary import Summary
from alphaforge.execution.venues.sim import SimVenue
from alphaforge.execution.venues.venue import VenueSetup
from alphaforge.policies.approvals import Answer, Message, Signed
from alphaforge.policies.default import default_bundle
from alphaforge.policies.gate import Gate
from alphaforge.policies.keyring import Card, Keyring, card_message, enrolled
from alphaforge.policies.limits import Limits
from alphaforge.policies.plan import Plan, plan_hash, plan_json
from alphaforge.policies.signing import key_id, public_hex, sign

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MARKET_START = datetime(2025, 10, 9, tzinfo=UTC)
HOUR = 3600
HISTORY = 24
SYMBOLS = ("AAAUSDT", "BBBUSDT", "CCCUSDT")
ACCOUNT = "desk1"
SERVICE = Principal(id="service:gateway", kind=Kind.SERVICE, roles=frozenset({"gateway"}))
LIMITS = Limits(
    capital=Decimal(10_000),
    max_order_notional=Decimal(2_500),
    max_gross=Decimal(12_000),
    max_leverage=Decimal(2),
    max_daily_loss=Decimal(2_000),
    max_drawdown=Decimal("0.5"),
)


class Crash(BaseException):
    """The process dies here; nothing catches it."""


@dataclass(frozen=True)
class Human:
    """A person with a key of their own."""

    name: str
    role: str
    private: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def card(self) -> Card:
        public = public_hex(self.private)
        return Card(self.name, public, sign(self.private, card_message(self.name, public)))

    def signed(self, message: Message) -> Signed:
        name = key_id(public_hex(self.private))
        return Signed(message, name, sign(self.private, message.canonical()))


def market(bars: int = 10) -> Panel:
    """Return three instruments on smooth paths, with funding every eighth hour."""
    rows = HISTORY + bars
    times = np.arange(rows, dtype=np.int64) * HOUR + int(MARKET_START.timestamp())
    shape = (rows, len(SYMBOLS))
    closes = np.empty(shape)
    for row in range(rows):
        for column, base in enumerate((100.0, 20.0, 3.0)):
            closes[row, column] = round(base * (1 + 0.02 * sin(row / 3 + column)), 4)
    opens = np.vstack([closes[:1], closes[:-1]])
    fields = {
        "open": opens,
        "high": np.maximum(opens, closes) * 1.002,
        "low": np.minimum(opens, closes) * 0.998,
        "close": closes,
        "volume": np.full(shape, 200_000.0),
        "funding_rate": np.where((times % (8 * HOUR) == 0)[:, None], 0.0001, 0.0) + np.zeros(shape),
    }
    return Panel("made", "snap_made", HOUR, times, SYMBOLS, fields)


def swinging(bar_open: int) -> Mapping[str, Decimal]:
    """Decide weights that grow, shrink, flip and close from one decision to the next."""
    turn = (bar_open // (2 * HOUR)) % 4
    table = ("0.4", "0.25"), ("-0.3", "0.25"), ("0.1", "0"), ("-0.4", "-0.2")
    first, second = table[turn]
    return {
        "AAAUSDT": Decimal(first),
        "BBBUSDT": Decimal(second),
        "CCCUSDT": -Decimal(first) / 2,
    }


@dataclass
class World:
    """One gateway home with its exchange; ``run`` is one process of the gateway."""

    folder: Path
    limits: Limits = LIMITS
    signals: Callable[[int], Mapping[str, Decimal]] = swinging
    panel: Panel = field(default_factory=market)
    instruments: tuple[str, ...] = SYMBOLS
    stage: Stage = Stage.LIVE
    humans: tuple[Human, ...] = field(
        default_factory=lambda: (Human("ana", "pm"), Human("ben", "risk"))
    )
    is_revoked: Callable[[], bool] = lambda: False
    clock: SteppedClock = field(default_factory=lambda: SteppedClock(NOW))
    ticks_per_bar: int = 4

    @property
    def home(self) -> Path:
        return self.folder / "gateway"

    def keyring(self) -> Keyring:
        ring = Keyring()
        for human in self.humans:
            ring = enrolled(ring, human.card(), [human.role], is_demo=True, at=NOW)
        return ring

    def loaded(self) -> Loaded:
        return Loaded(
            fingerprint="str_made",
            family="sig_made",
            source_hash="source",
            ir_hash="ir",
            compiler_version="1",
            operators_version="1",
            packs=(),
            snapshots=("snap_made",),
            venue="sim",
            account=ACCOUNT,
            instruments=self.instruments,
            limits=self.limits,
            bundle_hash=default_bundle().hash,
        )

    def plan(self) -> Plan:
        named = Plan(
            fingerprint="",
            family="",
            source_hash="",
            ir_hash="",
            compiler_version="",
            operators_version="",
            stage=self.stage,
            venue="",
            account="",
            instruments=(),
            limits=self.limits,
            start_at=NOW - timedelta(hours=1),
            end_at=NOW + timedelta(days=7),
            bundle_hash="",
            requester="agent:claude",
            sponsor="human:zoe",
        )
        return self.loaded().plan(named)

    def message(self, plan: Plan, decision: Answer = Answer.APPROVE) -> Message:
        return Message(
            request_id="apr_1",
            plan_hash=plan_hash(plan),
            decision=decision,
            reason_hash="reason",
            decided_at=NOW - timedelta(minutes=5),
            decide_by=NOW + timedelta(hours=1),
            run_until=plan.end_at,
            quorum_policy_hash=default_bundle().quorum(plan.stage.value).hash(),
            journal_head="head",
        )

    def request(self, signed: Sequence[Signed] | None = None) -> SignedPlan:
        plan = self.plan()
        if signed is None:
            signed = [human.signed(self.message(plan)) for human in self.humans]
        return SignedPlan("apr_1", plan_json(plan), plan_hash(plan), tuple(signed))

    def approval(self, request: SignedPlan | None = None, loaded: Loaded | None = None) -> Approval:
        return verified(
            request or self.request(),
            loaded or self.loaded(),
            keyring=self.keyring(),
            bundle=default_bundle(),
            at=NOW,
            is_revoked=self.is_revoked,
        )

    def bars(self) -> list[int]:
        return [int(at) for at in self.panel.times[HISTORY:]]

    def venue(self, faults: VenueFaults = no_venue_faults) -> SimVenue:
        contracts = contracts_of(self.panel, "sim")
        return SimVenue(VenueSetup(self.home, ACCOUNT, contracts), faults)

    def journal(self) -> Journal:
        return Journal(Home(private_folder(self.home)).journal_db, self.clock)

    def open(
        self,
        *,
        faults: FaultPoints = no_faults,
        venue_faults: VenueFaults = no_venue_faults,
        loaded: Loaded | None = None,
        key: str = "key_1",
    ) -> "Running":
        journal = self.journal()
        ledger = Ledger(self.home, journal, self.clock)
        lock = AccountLock(self.home, ACCOUNT)
        with ledger.write() as writing:
            lease = next_epoch(writing.db, ACCOUNT, "test", writing.at)
        venue = self.venue(venue_faults)
        orders = Orders(ledger, ACCOUNT)
        fills = Fills(ledger, venue, orders, faults)
        running = Running(self, journal, ledger, lock, venue, lease, None)
        try:
            approval = self.approval()
            stamp = consume(ledger, lease, approval, key=key, faults=faults)
        except BaseException:
            running.close()
            raise
        deployment = Deployment(
            stamp, approval, loaded or self.loaded(), Pace(HOUR, 2, 1), self.signals
        )
        running.parts = Parts(
            ledger=ledger,
            lease=lease,
            kills=KillSwitch(ledger),
            gate=Gate(default_bundle(), journal, CountedIds(f"epoch{lease.epoch}")),
            principal=SERVICE,
            guard=ClockGuard(self.clock),
            venue=venue,
            orders=orders,
            fills=fills,
            books=Books(ledger, venue, orders, fills),
            deployment=deployment,
            faults=faults,
            pause=lambda _seconds: None,
            say=lambda _line: None,
        )
        return running

    def run(self, bars: Sequence[int] | None = None, **how: object) -> Summary:
        """Run one process of the gateway to its end, or until a crash comes out of it."""
        adoption = how.pop("adoption", None)
        assert adoption is None or isinstance(adoption, Adoption)
        running = self.open(**how)  # type: ignore[arg-type]
        try:
            return running.gateway().run(self.bars() if bars is None else bars, adoption)
        finally:
            running.close()


@dataclass
class Running:
    """The open parts of one process."""

    world: World
    journal: Journal
    ledger: Ledger
    lock: AccountLock
    venue: SimVenue
    lease: Lease
    parts: Parts | None

    def replay(self) -> Replay:
        return Replay(
            self.world.panel, self.venue.instruments(), ticks_per_bar=self.world.ticks_per_bar
        )

    def gateway(self) -> Gateway:
        assert self.parts is not None
        return Gateway(self.parts, self.replay())

    def change(self, **parts: object) -> None:
        assert self.parts is not None
        self.parts = replace(self.parts, **parts)  # type: ignore[arg-type]

    def close(self) -> None:
        self.venue.close()
        self.ledger.close()
        self.journal.close()
        self.lock.release()


def crash_at(name: str, time: int = 1) -> FaultPoints:
    """Die at the n-th passing of a fault point."""
    passed = 0

    def point(reached: str) -> None:
        nonlocal passed
        no_faults(reached)
        passed += reached == name
        if reached == name and passed == time:
            raise Crash(name)

    return point
