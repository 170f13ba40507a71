"""Two homes with an approved plan and an order, as server and gateway leave them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from alphaforge.core.canonical import plain
from alphaforge.core.clock import SteppedClock
from alphaforge.core.home import Home
from alphaforge.core.ids import CountedIds
from alphaforge.core.journal import Journal
from alphaforge.core.principals import Stage
from alphaforge.policies.action import Action
from alphaforge.policies.bundle import default_bundle
from alphaforge.policies.gate import Gate, enforce
from alphaforge.policies.keyring import Keyring
from alphaforge.policies.plan import Plan
from alphaforge.policies.request import Request
from alphaforge.runs.approvals import ApprovalRequest, Approvals
from alphaforge.runs.deployments import Deployments
from alphaforge.server.keyfiles import save_keyring
from alphaforge.tests.humans import (
    AGENT,
    APE,
    DAY,
    GATEWAY,
    PAM,
    PLAN,
    REASON,
    RIK,
    Human,
    message_for,
    ring,
)

ORDER = "af-0001"
TEXT = "rank(close)"


@dataclass
class Homes:
    """The two homes and what writes to them; times count from ``start``."""

    home: Home
    gateway_home: Path
    start: datetime
    keyring: Keyring

    def __post_init__(self) -> None:
        self.clock = SteppedClock(self.start)
        self.home.make()
        self.gateway_home.mkdir(mode=0o700)
        self.journal = Journal(self.home.journal_db, self.clock)
        self.gateway = Journal(Home(self.gateway_home).journal_db, self.clock)
        self.queue = Approvals(self.home.control_db, self.journal, self.clock, CountedIds("home"))
        self.deployments = Deployments(self.home.control_db, self.journal, self.clock)
        for key in self.keyring.keys:
            self.gateway.append("key.enrolled", principal="human:sam", body={"key": plain(key)})
        save_keyring(self.gateway_home, self.keyring)

    @property
    def plan(self) -> Plan:
        return replace(
            PLAN,
            source_hash=sha256(TEXT.encode()).hexdigest(),
            start_at=self.start - DAY,
            end_at=self.start + 10 * DAY,
        )

    def flags(self) -> list[str]:
        return ["--home", str(self.home.root), "--gateway-home", str(self.gateway_home)]

    def ask(self, plan: Plan | None = None) -> ApprovalRequest:
        """Let the agent ask through the gate, which files the request."""
        wanted = plan or self.plan
        gate = Gate(default_bundle(), self.journal, CountedIds("gate"))
        request = Request(
            Action.DEPLOY_REQUEST,
            AGENT,
            Stage.LIVE,
            facts=self.queue.facts(wanted, AGENT),
        )
        filed = enforce(
            request,
            gate=gate,
            work=lambda _: None,
            ask=lambda decision: self.queue.submit(
                wanted, principal=AGENT, text=TEXT, decision_id=decision.id
            ),
        )
        assert filed is not None
        self.deployments.create(wanted, principal=AGENT, text=TEXT, request_id=filed.request_id)
        return filed

    def sign(self, human: Human, request: ApprovalRequest, head: str = "") -> ApprovalRequest:
        message = message_for(
            request.plan,
            request_id=request.request_id,
            at=self.clock.now(),
            decide_by=request.decide_by,
            run_until=request.run_until,
            journal_head=head or self.queue.journal_head(),
        )
        return self.queue.attach(
            request.request_id, human.sign(message), reason=REASON, keyring=self.keyring
        )

    def gateway_event(self, kind: str, request: ApprovalRequest, **body: object) -> None:
        said: Mapping[str, object] = {"deployment_id": "dep_1", "request_id": request.request_id}
        self.gateway.append(
            kind,
            principal=GATEWAY.id,
            request_id=request.request_id,
            plan_hash=request.plan_hash,
            body={**said, **body},
        )

    def trade(self, request: ApprovalRequest, order: str = ORDER) -> None:
        self.gateway_event("approval.consumed", request, humans=["pam", "rik"])
        self.gateway_event("order.intent", request, client_order_id=order, symbol="BTCUSDT")
        self.gateway_event("order.sent", request, client_order_id=order)
        self.gateway_event("order.filled", request, client_order_id=order)

    def close(self) -> None:
        self.queue.close()
        self.deployments.close()
        self.journal.close()
        self.gateway.close()


def homes(folder: Path, start: datetime, *humans: Human) -> Homes:
    """Make two empty homes with a keyring."""
    people = humans or (PAM, RIK, APE)
    keyring = ring(*people, at=start - timedelta(days=1))
    return Homes(Home(folder / "home"), folder / "gateway", start, keyring)


def approved(place: Homes) -> ApprovalRequest:
    """Ask, and have two humans sign."""
    request = place.ask()
    place.sign(PAM, request)
    return place.sign(RIK, request)
