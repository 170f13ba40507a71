"""What the venue says happened: fills and funding into the ledger, each once, in its order."""

from decimal import Decimal

from ..core.canonical import decimal_text
from ..core.clock import to_text
from .faults import FaultPoints
from .lease import Lease
from .ledger import Ledger, Writing, put_mark
from .orders import OrderRow, Orders
from .stamp import Stamp
from .states import OrderState
from .steps import ZERO
from .venues.venue import Fill, Payment, Venue


class Fills:
    """The fills, payments, positions and expected cash of one account."""

    def __init__(self, ledger: Ledger, venue: Venue, orders: Orders, faults: FaultPoints) -> None:
        """Read from the venue, write to the ledger."""
        self._ledger = ledger
        self._venue = venue
        self._orders = orders
        self._faults = faults
        self._cash_mark = f"cash:{venue.account}"

    def record(self, lease: Lease, stamp: Stamp) -> list[str]:
        """Record what is new, and list what cannot be: then everything after it waits too."""
        for payment in self._venue.payments(self._last("payments")):
            with self._ledger.write(lease) as writing:
                self._add_payment(writing, payment, stamp)
        for fill in self._venue.fills(self._last("fills")):
            row = self._orders.get(fill.client_order_id)
            fault = _fault(fill, row)
            if row is None or fault:
                return [fault]
            self._faults("before_fill")
            with self._ledger.write(lease) as writing:
                self._add_fill(writing, fill, row, stamp)
            self._faults("after_fill")
        return []

    def positions(self) -> dict[str, Decimal]:
        """Return the positions that the recorded fills make, without zeros."""
        rows = self._ledger.rows(
            "SELECT symbol, qty FROM positions WHERE account = ? ORDER BY symbol",
            self._venue.account,
        )
        held = {row["symbol"]: Decimal(row["qty"]) for row in rows}
        return {symbol: qty for symbol, qty in held.items() if qty}

    def cash(self) -> Decimal | None:
        """Return the cash the venue should show; nothing before the first reconciliation."""
        text = self._ledger.mark(self._cash_mark)
        return None if text is None else Decimal(text)

    def set_cash(self, writing: Writing, cash: Decimal) -> None:
        """Take the venue's cash as the base to count from."""
        put_mark(writing, self._cash_mark, decimal_text(cash))

    def traded_on(self, day: str) -> Decimal:
        """Return the notional traded on a day of the market (``2025-10-10``)."""
        rows = self._ledger.rows(
            "SELECT qty, price FROM fills WHERE account = ? AND at >= ? AND at < ?",
            self._venue.account,
            day,
            f"{day}~",
        )
        return sum((Decimal(row["qty"]) * Decimal(row["price"]) for row in rows), ZERO)

    def count(self, deployment_id: str) -> int:
        """Count the fills of a deployment."""
        rows = self._ledger.rows(
            "SELECT COUNT(*) AS count FROM fills JOIN orders USING (client_order_id) "
            "WHERE deployment_id = ?",
            deployment_id,
        )
        return int(rows[0]["count"])

    def _last(self, table: str) -> int:
        rows = self._ledger.rows(
            f"SELECT COALESCE(MAX(number), 0) AS last FROM {table} WHERE account = ?",
            self._venue.account,
        )
        return int(rows[0]["last"])

    def _add_fill(self, writing: Writing, fill: Fill, row: OrderRow, stamp: Stamp) -> None:
        amounts = [decimal_text(value) for value in (fill.qty, fill.price, fill.fee)]
        writing.db.execute(
            "INSERT INTO fills VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                self._venue.account,
                fill.number,
                fill.client_order_id,
                fill.symbol,
                fill.side,
                *amounts,
                to_text(fill.at),
            ),
        )
        filled = row.filled + fill.qty
        writing.db.execute(
            "UPDATE orders SET filled = ? WHERE client_order_id = ?",
            (decimal_text(filled), row.id),
        )
        if row.state is OrderState.OPEN and filled == row.intent.qty:
            self._orders.move(writing, row, OrderState.FILLED)
        self._move_position(writing, fill)
        self._move_cash(writing, -fill.side.sign * fill.qty * fill.price - fill.fee)
        body = {
            "client_order_id": fill.client_order_id,
            "deployment_id": row.intent.deployment_id,
            "number": fill.number,
            "symbol": fill.symbol,
            "side": fill.side,
            "qty": fill.qty,
            "price": fill.price,
            "fee": fill.fee,
            "at": fill.at,
        }
        stamp.event(writing, "order.filled", body)

    def _add_payment(self, writing: Writing, payment: Payment, stamp: Stamp) -> None:
        writing.db.execute(
            "INSERT INTO payments VALUES (?, ?, ?, ?, ?)",
            (
                self._venue.account,
                payment.number,
                payment.symbol,
                decimal_text(payment.amount),
                to_text(payment.at),
            ),
        )
        self._move_cash(writing, payment.amount)
        body = {"symbol": payment.symbol, "amount": payment.amount, "at": payment.at}
        stamp.event(writing, "funding.settled", body)

    def _move_position(self, writing: Writing, fill: Fill) -> None:
        held = self.positions().get(fill.symbol, ZERO) + fill.side.sign * fill.qty
        writing.db.execute(
            "INSERT OR REPLACE INTO positions VALUES (?, ?, ?)",
            (self._venue.account, fill.symbol, decimal_text(held)),
        )

    def _move_cash(self, writing: Writing, amount: Decimal) -> None:
        before = self.cash()
        if before is not None:
            self.set_cash(writing, before + amount)


def _fault(fill: Fill, row: OrderRow | None) -> str:
    """Say what is wrong with a fill (R25), or nothing."""
    name = f"fill {fill.number} of {fill.qty} {fill.symbol}"
    if row is None:
        return f"{name}: its order `{fill.client_order_id[:40]}` is not ours"
    intent = row.intent
    if (fill.symbol, fill.side) != (intent.symbol, intent.side):
        return f"{name}: order `{row.id}` is a {intent.side} of {intent.symbol}"
    if fill.qty <= 0 or row.filled + fill.qty > intent.qty:
        return f"{name}: order `{row.id}` was for {intent.qty}"
    if row.price is None or (fill.price - row.price) * fill.side.sign > 0:
        return f"{name}: its price {fill.price} is worse than the limit of `{row.id}`"
    return ""
