"""A simulated exchange: its own SQLite file survives our crash, as an exchange would.

Orders match against the best quote of the last tick it observed, down to the depth that earlier
fills of the same tick left. What remains of an IOC order expires; GTC orders rest and match on
later ticks. Funding settles once per instrument and instant, on the position held before that
tick's trades. A client order id is known for ever: sent again, it gives the order it made.
"""

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from ...core.canonical import decimal_text
from ...core.clock import from_text, to_text
from ...core.instruments import Instrument
from ...core.sqlite import connect, transaction
from ..faults import VenueFault, VenueFaults, no_venue_faults
from ..order import Order, Side, TimeInForce
from ..quote import Quote, Tick
from ..states import OrderState
from ..steps import BASIS_POINT, ZERO, is_multiple
from .venue import (
    Balance,
    Fill,
    Payment,
    VenueKind,
    VenueOrder,
    VenueRejectedError,
    VenueSetup,
    VenueUnknownError,
)

TAKER_FEE_BP = Decimal(5)
DEPOSIT = Decimal(100_000)
LEVERAGE_MAX = Decimal(20)
CENTS = Decimal("0.00000001")

SCHEMA = """
CREATE TABLE IF NOT EXISTS account (id INTEGER PRIMARY KEY CHECK (id = 1), cash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS contracts (
    symbol TEXT PRIMARY KEY, price_step TEXT, qty_step TEXT, qty_min TEXT, qty_max TEXT,
    notional_min TEXT, is_trading INTEGER NOT NULL DEFAULT 1
);
CREATE TABLE IF NOT EXISTS positions (symbol TEXT PRIMARY KEY, qty TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    number INTEGER PRIMARY KEY, client_order_id TEXT UNIQUE NOT NULL, symbol TEXT NOT NULL,
    side TEXT NOT NULL, qty TEXT NOT NULL, filled TEXT NOT NULL, price TEXT NOT NULL,
    time_in_force TEXT NOT NULL, is_reduce_only INTEGER NOT NULL, state TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS attempts (client_order_id TEXT PRIMARY KEY, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS fills (
    number INTEGER PRIMARY KEY, client_order_id TEXT NOT NULL, symbol TEXT NOT NULL,
    side TEXT NOT NULL, qty TEXT NOT NULL, price TEXT NOT NULL, fee TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS fills_by_tick ON fills (symbol, at);
CREATE TABLE IF NOT EXISTS payments (
    number INTEGER PRIMARY KEY, symbol TEXT NOT NULL, amount TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS settlements (
    symbol TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (symbol, at)
)
"""


class SimVenue:
    """One account of the simulated exchange."""

    name = "sim"
    settle_seconds = 0.0

    def __init__(self, setup: VenueSetup, faults: VenueFaults = no_venue_faults) -> None:
        """Open the exchange's file; a new one gets the deposit and the contracts."""
        self.account = setup.account
        self.faults = faults
        self._tick: Tick | None = None
        path = setup.home / "venues" / "sim" / f"{setup.account}.db"
        self._connection = connect(path, SCHEMA, durable=True)
        with transaction(self._connection) as db:
            db.execute(
                "INSERT OR IGNORE INTO account VALUES (1, ?)",
                (decimal_text(DEPOSIT),),
            )
            for item in setup.instruments.values():
                steps = (item.price_step, item.qty_step, item.qty_min, item.qty_max)
                texts = [decimal_text(value) for value in (*steps, item.notional_min)]
                # Contracts of before stay: a restart must find the same steps.
                db.execute(
                    "INSERT OR IGNORE INTO contracts VALUES (?, ?, ?, ?, ?, ?, 1)",
                    (item.symbol, *texts),
                )

    def instruments(self) -> Mapping[str, Instrument]:
        """Return the contracts."""
        rows = self._connection.execute("SELECT * FROM contracts ORDER BY symbol").fetchall()
        return {row["symbol"]: _contract(row) for row in rows}

    def quote(self, symbol: str) -> Quote | None:
        """Return the quote of the last tick."""
        return None if self._tick is None else self._tick.quotes.get(symbol)

    def observe(self, tick: Tick) -> None:
        """Move the market to a tick: settle funding, then match what rests."""
        self._tick = tick
        with transaction(self._connection):
            for symbol in sorted(tick.funding):
                self._settle(symbol, tick)
            for row in self._rows("SELECT * FROM orders WHERE state = 'open' ORDER BY number"):
                self._match(_order(row), row["filled"])

    def place(self, order: Order) -> VenueOrder:
        """Accept and match an order, or misbehave as the fault hook says."""
        fault = self.faults(order.client_order_id, self._count_attempt(order.client_order_id))
        if fault is VenueFault.LOSE_REQUEST:
            raise VenueUnknownError("the request timed out")
        if fault is VenueFault.REJECT:
            raise VenueRejectedError("the venue refused the order")
        with transaction(self._connection):
            placed = self._accept(order)
        if fault is VenueFault.LOSE_ACK:
            raise VenueUnknownError("the connection ended before the answer")
        if fault is VenueFault.SERVER_ERROR:
            raise VenueUnknownError("the venue answered 503")
        return placed

    def cancel(self, client_order_id: str) -> VenueOrder | None:
        """Cancel an order if it still rests."""
        with transaction(self._connection) as db:
            db.execute(
                "UPDATE orders SET state = 'cancelled' "
                "WHERE client_order_id = ? AND state = 'open'",
                (client_order_id,),
            )
        return self.order(client_order_id)

    def order(self, client_order_id: str) -> VenueOrder | None:
        """Return the order of a client id."""
        rows = self._rows("SELECT * FROM orders WHERE client_order_id = ?", client_order_id)
        return _venue_order(rows[0]) if rows else None

    def open_orders(self) -> list[VenueOrder]:
        """Return what rests."""
        rows = self._rows("SELECT * FROM orders WHERE state = 'open' ORDER BY number")
        return [_venue_order(row) for row in rows]

    def fills(self, after: int) -> list[Fill]:
        """Return trades with a number above ``after``."""
        rows = self._rows("SELECT * FROM fills WHERE number > ? ORDER BY number", after)
        return [_fill(row) for row in rows]

    def payments(self, after: int) -> list[Payment]:
        """Return funding payments with a number above ``after``."""
        rows = self._rows("SELECT * FROM payments WHERE number > ? ORDER BY number", after)
        return [
            Payment(row["number"], row["symbol"], Decimal(row["amount"]), from_text(row["at"]))
            for row in rows
        ]

    def positions(self) -> dict[str, Decimal]:
        """Return signed positions, without zeros."""
        rows = self._rows("SELECT * FROM positions ORDER BY symbol")
        held = {row["symbol"]: Decimal(row["qty"]) for row in rows}
        return {symbol: qty for symbol, qty in held.items() if qty != 0}

    def balance(self) -> Balance:
        """Return cash, and equity at the marks of the last tick.

        An instrument without a quote keeps its last fill's price.
        """
        cash = self._cash()
        equity = cash + sum(
            (qty * self._price(symbol) for symbol, qty in self.positions().items()), ZERO
        )
        return Balance(cash, equity, LEVERAGE_MAX, "cross", "one_way")

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def _cash(self) -> Decimal:
        return Decimal(self._rows("SELECT cash FROM account")[0]["cash"])

    def _price(self, symbol: str) -> Decimal:
        quote = self.quote(symbol)
        if quote is not None:
            return quote.mark
        last = "SELECT price FROM fills WHERE symbol = ? ORDER BY number DESC LIMIT 1"
        return Decimal(self._rows(last, symbol)[0]["price"])

    def _count_attempt(self, client_order_id: str) -> int:
        with transaction(self._connection) as db:
            db.execute(
                "INSERT INTO attempts VALUES (?, 1) "
                "ON CONFLICT (client_order_id) DO UPDATE SET count = count + 1",
                (client_order_id,),
            )
        sql = "SELECT count FROM attempts WHERE client_order_id = ?"
        return int(self._rows(sql, client_order_id)[0]["count"])

    def _accept(self, order: Order) -> VenueOrder:
        known = self.order(order.client_order_id)
        if known is not None:
            return known
        self._check(order)
        self._connection.execute(
            "INSERT INTO orders (client_order_id, symbol, side, qty, filled, price, time_in_force,"
            " is_reduce_only, state) VALUES (?, ?, ?, ?, '0', ?, ?, ?, 'open')",
            (
                order.client_order_id,
                order.symbol,
                order.side,
                decimal_text(order.qty),
                decimal_text(order.price),
                order.time_in_force,
                int(order.is_reduce_only),
            ),
        )
        self._match(order, "0")
        placed = self.order(order.client_order_id)
        assert placed is not None
        return placed

    def _check(self, order: Order) -> None:
        contract = self.instruments().get(order.symbol)
        quote = self.quote(order.symbol)
        if contract is None or quote is None or not contract.is_trading:
            raise VenueRejectedError(f"`{order.symbol}` does not trade now")
        on_grid = is_multiple(order.qty, contract.qty_step) and is_multiple(
            order.price, contract.price_step
        )
        if not on_grid or not contract.qty_min <= order.qty <= contract.qty_max:
            raise VenueRejectedError(f"`{order.qty}` at `{order.price}` is off the contract's grid")
        if not order.is_reduce_only and order.qty * order.price < contract.notional_min:
            raise VenueRejectedError(f"the order is below `{contract.notional_min}`")

    def _match(self, order: Order, filled_text: str) -> None:
        filled = Decimal(filled_text)
        quote = self.quote(order.symbol)
        if quote is not None:
            price, depth = (
                (quote.ask, quote.ask_qty) if order.side is Side.BUY else (quote.bid, quote.bid_qty)
            )
            crosses = order.price >= price if order.side is Side.BUY else order.price <= price
            room = min(order.qty - filled, depth - self._taken(order, quote.at))
            if order.is_reduce_only:
                room = min(room, self._reducible(order))
            if crosses and room > 0:
                self._trade(order, room, price, quote.at)
                filled += room
        state = OrderState.OPEN
        if filled == order.qty:
            state = OrderState.FILLED
        elif order.time_in_force is TimeInForce.IOC:
            state = OrderState.EXPIRED
        self._connection.execute(
            "UPDATE orders SET filled = ?, state = ? WHERE client_order_id = ?",
            (decimal_text(filled), state, order.client_order_id),
        )

    def _taken(self, order: Order, at: datetime) -> Decimal:
        sql = "SELECT qty FROM fills WHERE symbol = ? AND at = ? AND side = ?"
        rows = self._rows(sql, order.symbol, to_text(at), order.side)
        return sum((Decimal(row["qty"]) for row in rows), ZERO)

    def _reducible(self, order: Order) -> Decimal:
        return max(ZERO, -order.side.sign * self.positions().get(order.symbol, ZERO))

    def _trade(self, order: Order, qty: Decimal, price: Decimal, at: datetime) -> None:
        fee = (qty * price * TAKER_FEE_BP * BASIS_POINT).quantize(CENTS)
        held = self.positions().get(order.symbol, ZERO) + order.side.sign * qty
        amounts = [decimal_text(value) for value in (qty, price, fee)]
        self._connection.execute(
            "INSERT INTO fills (client_order_id, symbol, side, qty, price, fee, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (order.client_order_id, order.symbol, order.side, *amounts, to_text(at)),
        )
        self._connection.execute(
            "INSERT OR REPLACE INTO positions VALUES (?, ?)", (order.symbol, decimal_text(held))
        )
        self._pay(-order.side.sign * qty * price - fee)

    def _settle(self, symbol: str, tick: Tick) -> None:
        # Flat accounts settle too: a tick seen again after its trades must not pay on them.
        added = self._connection.execute(
            "INSERT OR IGNORE INTO settlements VALUES (?, ?)", (symbol, to_text(tick.at))
        )
        held = self.positions().get(symbol, ZERO)
        quote = tick.quotes.get(symbol)
        if not added.rowcount or held == 0 or quote is None:
            return
        amount = (-held * quote.mark * tick.funding[symbol]).quantize(CENTS)
        self._connection.execute(
            "INSERT INTO payments (symbol, amount, at) VALUES (?, ?, ?)",
            (symbol, decimal_text(amount), to_text(tick.at)),
        )
        self._pay(amount)

    def _pay(self, amount: Decimal) -> None:
        cash = decimal_text(self._cash() + amount)
        self._connection.execute("UPDATE account SET cash = ? WHERE id = 1", (cash,))


def _contract(row: sqlite3.Row) -> Instrument:
    return Instrument(
        venue="sim",
        symbol=row["symbol"],
        price_step=Decimal(row["price_step"]),
        qty_step=Decimal(row["qty_step"]),
        qty_min=Decimal(row["qty_min"]),
        qty_max=Decimal(row["qty_max"]),
        notional_min=Decimal(row["notional_min"]),
        is_trading=bool(row["is_trading"]),
    )


def _order(row: sqlite3.Row) -> Order:
    return Order(
        client_order_id=row["client_order_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        qty=Decimal(row["qty"]),
        price=Decimal(row["price"]),
        time_in_force=TimeInForce(row["time_in_force"]),
        is_reduce_only=bool(row["is_reduce_only"]),
    )


def _venue_order(row: sqlite3.Row) -> VenueOrder:
    order = _order(row)
    return VenueOrder(
        client_order_id=order.client_order_id,
        venue_order_id=f"sim-{row['number']}",
        symbol=order.symbol,
        side=order.side,
        qty=order.qty,
        filled_qty=Decimal(row["filled"]),
        price=order.price,
        state=OrderState(row["state"]),
    )


def _fill(row: sqlite3.Row) -> Fill:
    return Fill(
        number=row["number"],
        client_order_id=row["client_order_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        qty=Decimal(row["qty"]),
        price=Decimal(row["price"]),
        fee=Decimal(row["fee"]),
        at=from_text(row["at"]),
    )


VENUE = VenueKind(name="sim", is_simulated=True, open=SimVenue)
