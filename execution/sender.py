"""One order's way out (G5), in this order and no other.

kill switch -> lease epoch -> approval valid now -> plan hash -> policy -> risk table -> throttle ->
journal -> kill switch and approval again -> send.
"""

from decimal import Decimal

from ..core.errors import RefusedError
from ..policies.action import Action
from ..policies.decision import Decision as PolicyDecision
from ..policies.gate import enforce
from ..policies.request import Request
from .facts import facts_of
from .kill import MAY_LEAVE
from .kill_file import Kill
from .order import Order, Purpose, Side, order_of
from .orders import Decision, OrderRow
from .outcome import Outcome
from .parts import HaltedError, Parts
from .quote import Quote, Tick
from .risk_input import RiskInput
from .risk_table import Assessment, assess, rows
from .states import UNCERTAIN
from .steps import ceil_to, floor_to
from .throttle import is_full
from .venues.venue import VenueRejectedError, VenueUnknownError


class Sender:
    """Send the orders of one deployment, or say why not."""

    def __init__(self, parts: Parts, outcome: Outcome) -> None:
        """Keep the parts."""
        self._parts = parts
        self._outcome = outcome

    def send(self, row: OrderRow, decision: Decision, tick: Tick) -> None:
        """Send one order, refuse it, or leave it for a later tick."""
        parts, intent = self._parts, row.intent
        quote = parts.venue.quote(intent.symbol)
        if quote is None:
            self._outcome.refuse(row, "no_market")
            return
        if self._is_instrument_uncertain(row):
            return
        refusal = self._forbidden(row)
        if refusal:
            self._outcome.refuse(row, refusal)
            return
        price = row.price or self._limit_price(intent.side, quote)
        try:
            enforce(
                self._request(row, price),
                gate=parts.gate,
                work=lambda decided: self._assess_and_send(row, price, decision, tick, decided),
                request_id=parts.deployment.stamp.request_id,
            )
        except RefusedError as error:
            self._outcome.refuse(row, "policy", decision_id=error.decision_id)

    def _forbidden(self, row: OrderRow) -> str:
        """Look at kill switch, lease, approval and plan; say what forbids, or nothing."""
        parts, deployment = self._parts, self._parts.deployment
        if killed := self._killed(row):
            return killed
        parts.ledger.check(parts.lease)
        if fault := self._approval_fault(row):
            return fault
        venue = parts.venue
        if not deployment.is_still_approved(venue=venue.name, account=venue.account):
            raise HaltedError(
                "what runs is no longer the approved plan",
                code="AF731",
                help="start the gateway again: it verifies the plan anew",
            )
        return ""

    def _killed(self, row: OrderRow) -> str:
        level = self._parts.kills.level(self._parts.deployment.scopes(row.intent.symbol))
        return "" if row.intent.purpose in MAY_LEAVE[level] else f"kill_{level.name.lower()}"

    def _approval_fault(self, row: OrderRow) -> str:
        """Say why the approval does not hold now; a flattening is the kill switch's, not its."""
        now = self._parts.guard.now()
        if row.intent.purpose is Purpose.FLATTEN:
            return ""
        return self._parts.deployment.approval.fault(now)

    def _request(self, row: OrderRow, price: Decimal) -> Request:
        plan, intent = self._parts.deployment.plan, row.intent
        fault = self._parts.deployment.approval.fault(self._parts.guard.now())
        exposures = {item.symbol: item for item in self._parts.books.exposures(without=row.id)}
        held = exposures.get(intent.symbol)
        is_reducing = held is not None and held.reduces(intent.change)
        return Request(
            action=Action.GATEWAY_ORDER,
            principal=self._parts.principal,
            stage=plan.stage,
            resource=row.id,
            facts={
                "venue": self._parts.venue.name,
                "account": self._parts.venue.account,
                "symbol": intent.symbol,
                "side": intent.side.value,
                "qty": intent.qty,
                "notional": intent.qty * price,
                "approval_is_valid": not fault,
                "is_risk_increasing": not is_reducing,
            },
        )

    def _limit_price(self, side: Side, quote: Quote) -> Decimal:
        """Price a market order: a limit at the collar, rounded to the cautious side."""
        step = self._parts.venue.instruments()[quote.symbol].price_step
        collar = self._parts.deployment.limits.price_collar
        if side is Side.BUY:
            return floor_to(quote.mark * (1 + collar), step)
        return ceil_to(quote.mark * (1 - collar), step)

    def _assess_and_send(
        self,
        row: OrderRow,
        price: Decimal,
        decision: Decision,
        tick: Tick,
        decided: PolicyDecision,
    ) -> None:
        parts = self._parts
        facts = facts_of(parts, row, price, decision, tick)
        found = assess(facts)
        self._trip(found, row)
        if not found.is_passed:
            self._outcome.refuse(
                row, found.codes[0], decision_id=decided.id, assessed=(facts, found)
            )
            return
        if facts.counters is None or is_full(facts.counters, facts.limits):
            return
        parts.faults("before_journal")
        self._journal(row, price, tick, decided, (facts, found))
        parts.faults("after_journal")
        sending = parts.orders.get(row.id)
        assert sending is not None
        # The last look: what came after the first must still stop the order.
        refusal = self._killed(row) or self._approval_fault(row)
        if refusal:
            self._outcome.refuse(sending, refusal, decision_id=decided.id)
            return
        parts.ledger.check(parts.lease)
        self._place(sending, order_of(row.intent, price))

    def _journal(
        self,
        row: OrderRow,
        price: Decimal,
        tick: Tick,
        decided: PolicyDecision,
        assessed: tuple[RiskInput, Assessment],
    ) -> None:
        """Make the order durable, whole, before its first byte leaves (G2)."""
        parts, stamp = self._parts, self._parts.deployment.stamp
        with parts.ledger.write(parts.lease) as writing:
            self._outcome.keep_assessment(writing, row, assessed, decision_id=decided.id)
            parts.orders.start_sending(writing, row, price, tick.at)
            body = {
                "client_order_id": row.id,
                "symbol": row.intent.symbol,
                "side": row.intent.side,
                "qty": row.intent.qty,
                "price": price,
                "purpose": row.intent.purpose,
                "attempt": row.attempts + 1,
                "epoch": parts.lease.epoch,
                "market_at": tick.at,
            }
            stamp.event(writing, "order.sent", body, decision_id=decided.id)

    def _place(self, row: OrderRow, order: Order) -> None:
        parts = self._parts
        parts.faults("before_send")
        try:
            placed = parts.venue.place(order)
        except VenueRejectedError as error:
            self._outcome.reject(row, error.message)
            return
        except VenueUnknownError as error:
            self._outcome.lose(row, error.message)
            return
        parts.faults("after_send")
        self._outcome.acknowledge(row, placed)

    def _trip(self, found: Assessment, row: OrderRow) -> None:
        """Pull the kill switch where a row says so."""
        for row_id, finding in found.findings.items():
            if finding.trip:
                is_wide = finding.trip_scope == "account"
                name = self._parts.venue.account if is_wide else row.intent.symbol
                self._parts.kills.trip(
                    Kill(finding.trip, f"{finding.trip_scope}:{name}"),
                    principal=self._parts.principal.id,
                    reason=f"{row_id} {rows()[row_id].name}",
                )

    def _is_instrument_uncertain(self, row: OrderRow) -> bool:
        """Tell whether another order of the instrument is not known to be or not to be (G3)."""
        states = tuple(UNCERTAIN)
        rows = self._parts.orders.in_states(states)
        symbol = row.intent.symbol
        is_other = any(item.id != row.id and item.intent.symbol == symbol for item in rows)
        return is_other and row.intent.purpose is not Purpose.FLATTEN
