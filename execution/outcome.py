"""What became of an order, into ledger and journal; what is unknown is asked, not guessed."""

from ..core.canonical import tagged_hash
from .ledger import Writing
from .orders import OrderRow
from .parts import Parts
from .risk_input import RiskInput
from .risk_table import Assessment, facts_json
from .states import TERMINAL, UNCERTAIN, OrderState
from .venues.venue import VenueOrder

FACTS_TAG = "alphaforge.risk.facts.v1"
READS_FOR_ABSENCE = 2

Assessed = tuple[RiskInput, Assessment]


class Outcome:
    """Step orders to where the venue, or we, put them."""

    def __init__(self, parts: Parts) -> None:
        """Keep the parts."""
        self._parts = parts

    def refuse(
        self,
        row: OrderRow,
        reason: str,
        *,
        decision_id: str = "",
        assessed: Assessed | None = None,
    ) -> None:
        """Say that an order will not leave; it never did."""
        parts = self._parts
        with parts.ledger.write(parts.lease) as writing:
            if assessed is not None:
                self.keep_assessment(writing, row, assessed, decision_id=decision_id)
            parts.orders.move(writing, row, OrderState.REFUSED, reason=reason)
            self._event(writing, "order.rejected", row, {"by": "gateway", "reason": reason})
        parts.say(f"refused {row.intent.side} {row.intent.qty} {row.intent.symbol}: {reason}")

    def keep_assessment(
        self, writing: Writing, row: OrderRow, assessed: Assessed, *, decision_id: str
    ) -> None:
        """Store the risk table's facts and findings, whole, and journal their hash."""
        facts, found = assessed
        stored = facts_json(facts)
        attempt = row.attempts + 1
        writing.db.execute(
            "INSERT OR REPLACE INTO assessments VALUES (?, ?, ?, ?)",
            (row.id, attempt, stored.decode(), found.json().decode()),
        )
        body = {
            "client_order_id": row.id,
            "attempt": attempt,
            "is_passed": found.is_passed,
            "codes": list(found.codes),
            "facts_hash": tagged_hash(FACTS_TAG, stored),
            "findings": found.findings,
        }
        self._parts.deployment.stamp.event(writing, "risk.decision", body, decision_id=decision_id)

    def reject(self, row: OrderRow, reason: str) -> None:
        """Say that the venue refused."""
        parts = self._parts
        with parts.ledger.write(parts.lease) as writing:
            parts.orders.move(writing, row, OrderState.REJECTED, reason=reason)
            self._event(writing, "order.rejected", row, {"by": "venue", "reason": reason})
        parts.say(f"rejected {row.intent.side} {row.intent.qty} {row.intent.symbol}: {reason}")

    def lose(self, row: OrderRow, reason: str) -> None:
        """Say that nobody knows what became of the order (G3)."""
        parts = self._parts
        with parts.ledger.write(parts.lease) as writing:
            parts.orders.move(writing, row, OrderState.UNKNOWN, reason=reason)
            self._event(writing, "order.unknown", row, {"reason": reason})
        parts.say(f"unknown {row.intent.side} {row.intent.qty} {row.intent.symbol}: {reason}")

    def acknowledge(self, row: OrderRow, placed: VenueOrder) -> None:
        """Take over the state that the venue says."""
        parts = self._parts
        parts.faults("before_ack")
        with parts.ledger.write(parts.lease) as writing:
            parts.orders.move(writing, row, placed.state)
            body = {
                "venue_order_id": placed.venue_order_id,
                "state": placed.state,
                "filled": placed.filled_qty,
            }
            self._event(writing, "order.acked", row, body)
        parts.faults("after_ack")
        parts.say(
            f"{placed.state} {row.intent.side} {placed.filled_qty} of {row.intent.qty} "
            f"{row.intent.symbol}"
        )

    def resolve(self) -> None:
        """Ask the venue about every order whose outcome is not known, and about resting ones."""
        parts = self._parts
        for row in parts.orders.in_states(tuple(UNCERTAIN)):
            if row.state is OrderState.SENDING:
                # Only a process that died leaves this: a live one has its answer by now.
                self.lose(row, "the gateway stopped while it was sending")
            lost = parts.orders.get(row.id)
            assert lost is not None
            self._resolve(lost)
        for row in parts.orders.in_states((OrderState.OPEN,)):
            placed = parts.venue.order(row.id)
            if placed is not None and placed.state in TERMINAL:
                self.acknowledge(row, placed)

    def _resolve(self, row: OrderRow) -> None:
        parts = self._parts
        for read in range(READS_FOR_ABSENCE):
            placed = parts.venue.order(row.id)
            if placed is not None:
                self.acknowledge(row, placed)
                return
            if read == 0:
                parts.pause(parts.venue.settle_seconds)
        with parts.ledger.write(parts.lease) as writing:
            parts.orders.move(writing, row, OrderState.NEW, reason="not_placed")
            self._event(writing, "order.unknown", row, {"reason": "not_placed"})

    def _event(self, writing: Writing, kind: str, row: OrderRow, body: dict[str, object]) -> None:
        said = {"client_order_id": row.id, "symbol": row.intent.symbol, **body}
        self._parts.deployment.stamp.event(writing, kind, said)
