"""Decisions and their orders in the ledger: every change of state is compare-and-set."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from ..core.canonical import canonical_json, decimal_text
from ..core.clock import from_text, to_text
from ..core.errors import ConflictError
from .ledger import Ledger, Writing
from .order import Intent, Purpose, Side
from .states import OrderState, move
from .steps import ZERO

# The states in which the venue may hold, or come to hold, the order.
WORKING = (OrderState.SENDING, OrderState.UNKNOWN, OrderState.OPEN)


class DecisionKind(StrEnum):
    """Who wanted the orders."""

    SIGNAL = "signal"
    FLATTEN = "flatten"


@dataclass(frozen=True, slots=True)
class Decision:
    """One time that targets became intents; all instants are the market's."""

    deployment_id: str
    sequence: int
    kind: DecisionKind
    bar_open: int
    tick: int
    decided_at: datetime
    signal_at: datetime


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as the ledger holds it."""

    intent: Intent
    state: OrderState
    price: Decimal | None
    filled: Decimal
    attempts: int
    reason: str

    @property
    def id(self) -> str:
        """Return the client order id."""
        return self.intent.client_order_id

    @property
    def remaining(self) -> Decimal:
        """Return what may still fill."""
        return self.intent.qty - self.filled


class Orders:
    """The orders of one account."""

    def __init__(self, ledger: Ledger, account: str) -> None:
        """Read and change through the ledger."""
        self._ledger = ledger
        self._account = account

    def next_sequence(self, deployment_id: str) -> int:
        """Return the number of the next decision."""
        sql = "SELECT COALESCE(MAX(sequence), 0) AS last FROM decisions WHERE deployment_id = ?"
        return int(self._ledger.rows(sql, deployment_id)[0]["last"]) + 1

    def decision(
        self, deployment_id: str, kind: DecisionKind, bar_open: int, tick: int
    ) -> Decision | None:
        """Return the decision that was made at a tick, or nothing."""
        rows = self._ledger.rows(
            "SELECT * FROM decisions WHERE deployment_id = ? AND kind = ? AND bar_open = ? "
            "AND tick = ?",
            deployment_id,
            kind,
            bar_open,
            tick,
        )
        return _decision(rows[0]) if rows else None

    def unfinished(self, deployment_id: str) -> list[Decision]:
        """Return the decisions that still have orders to send, oldest first."""
        sql = "SELECT * FROM decisions WHERE deployment_id = ? AND is_done = 0 ORDER BY sequence"
        return [_decision(row) for row in self._ledger.rows(sql, deployment_id)]

    def add(
        self,
        writing: Writing,
        decision: Decision,
        intents: Sequence[Intent],
        dropped: Mapping[str, str],
    ) -> None:
        """Store a decision with all its intents; nothing of it may be sent before the commit."""
        writing.db.execute(
            "INSERT INTO decisions (deployment_id, sequence, kind, bar_open, tick, decided_at, "
            "signal_at, dropped) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                decision.deployment_id,
                decision.sequence,
                decision.kind,
                decision.bar_open,
                decision.tick,
                to_text(decision.decided_at),
                to_text(decision.signal_at),
                canonical_json(dropped).decode(),
            ),
        )
        for intent in intents:
            self._add_intent(writing, intent)

    def finish(self, writing: Writing, decision: Decision) -> None:
        """Say that a decision has no more orders to send."""
        writing.db.execute(
            "UPDATE decisions SET is_done = 1 WHERE deployment_id = ? AND sequence = ?",
            (decision.deployment_id, decision.sequence),
        )

    def of(self, decision: Decision) -> list[OrderRow]:
        """Return the orders of a decision, in the order in which they go."""
        return self._select(
            "deployment_id = ? AND sequence = ?", decision.deployment_id, decision.sequence
        )

    def deployed(self, deployment_id: str) -> list[OrderRow]:
        """Return all orders of a deployment."""
        return self._select("deployment_id = ?", deployment_id)

    def get(self, client_order_id: str) -> OrderRow | None:
        """Return one order."""
        found = self._select("client_order_id = ?", client_order_id)
        return found[0] if found else None

    def in_states(self, states: Sequence[OrderState]) -> list[OrderRow]:
        """Return the account's orders in some states."""
        marks = ", ".join("?" * len(states))
        return self._select(f"account = ? AND state IN ({marks})", self._account, *states)

    def move(self, writing: Writing, row: OrderRow, to: OrderState, *, reason: str = "") -> None:
        """Step an order to its next state.

        Raises:
            ConflictError: when it is no longer in the state it was read in.
        """
        changed = writing.db.execute(
            "UPDATE orders SET state = ?, reason = ? WHERE client_order_id = ? AND state = ?",
            (move(row.state, to), reason, row.id, row.state),
        )
        if changed.rowcount != 1:
            raise ConflictError(f"order `{row.id}` is no longer `{row.state}`")

    def start_sending(self, writing: Writing, row: OrderRow, price: Decimal, at: datetime) -> None:
        """Step an order to SENDING, its price fixed from here on."""
        self.move(writing, row, OrderState.SENDING)
        writing.db.execute(
            "UPDATE orders SET price = ?, sent_at = ?, attempts = attempts + 1 "
            "WHERE client_order_id = ?",
            (decimal_text(price), to_text(at), row.id),
        )

    def sent_since(self, now: datetime, window: timedelta) -> list[OrderRow]:
        """Return the orders sent in a window that ends now, on the market's clock."""
        return self._select(
            "account = ? AND sent_at > ? AND sent_at <= ?",
            self._account,
            to_text(now - window),
            to_text(now),
        )

    def count_sent_since(self, now: datetime, window: timedelta) -> int:
        """Count the orders sent in a window that ends now."""
        rows = self._ledger.rows(
            "SELECT COUNT(*) AS count FROM orders WHERE account = ? AND sent_at > ? "
            "AND sent_at <= ?",
            self._account,
            to_text(now - window),
            to_text(now),
        )
        return int(rows[0]["count"])

    def _select(self, where: str, *values: object) -> list[OrderRow]:
        rows = self._ledger.rows(f"SELECT * FROM orders WHERE {where} ORDER BY number", *values)
        return [_order(row) for row in rows]

    def _add_intent(self, writing: Writing, intent: Intent) -> None:
        writing.db.execute(
            "INSERT INTO orders (client_order_id, account, deployment_id, sequence, leg, symbol, "
            "side, qty, purpose, due_tick, is_slice, state) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                intent.client_order_id,
                self._account,
                intent.deployment_id,
                intent.sequence,
                intent.leg,
                intent.symbol,
                intent.side,
                decimal_text(intent.qty),
                intent.purpose,
                intent.due_tick,
                int(intent.is_slice),
                OrderState.NEW,
            ),
        )


def working_qty(rows: Sequence[OrderRow], symbol: str, side: Side) -> Decimal:
    """Return what orders that the venue may hold can still fill on one side."""
    return sum(
        (
            row.remaining
            for row in rows
            if row.state in WORKING and row.intent.symbol == symbol and row.intent.side is side
        ),
        ZERO,
    )


def _decision(row: sqlite3.Row) -> Decision:
    return Decision(
        deployment_id=row["deployment_id"],
        sequence=row["sequence"],
        kind=DecisionKind(row["kind"]),
        bar_open=row["bar_open"],
        tick=row["tick"],
        decided_at=from_text(row["decided_at"]),
        signal_at=from_text(row["signal_at"]),
    )


def _order(row: sqlite3.Row) -> OrderRow:
    intent = Intent(
        client_order_id=row["client_order_id"],
        deployment_id=row["deployment_id"],
        sequence=row["sequence"],
        leg=row["leg"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        qty=Decimal(row["qty"]),
        purpose=Purpose(row["purpose"]),
        due_tick=row["due_tick"],
        is_slice=bool(row["is_slice"]),
    )
    return OrderRow(
        intent=intent,
        state=OrderState(row["state"]),
        price=Decimal(row["price"]) if row["price"] else None,
        filled=Decimal(row["filled"]),
        attempts=row["attempts"],
        reason=row["reason"],
    )
