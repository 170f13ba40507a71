"""What is held, working and owned right now, as sizing and the risk table need it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ..core.canonical import decimal_text
from .fills import Fills
from .lease import Lease
from .ledger import Ledger, put_mark
from .order import Side
from .orders import OrderRow, Orders, working_qty
from .quote import Tick
from .risk_input import Account, Counters, Exposure, SentOrder
from .states import OrderState
from .steps import ZERO
from .venues.venue import Venue

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
# Two intents that say the same within this time are one mistake, not two wishes (R17).
DUPLICATE_WINDOW = timedelta(seconds=5)
BAD_ANSWERS = frozenset({OrderState.REJECTED, OrderState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Books:
    """Reads ledger and venue; writes only the account's high-water mark and start of day."""

    ledger: Ledger
    venue: Venue
    orders: Orders
    fills: Fills

    def exposures(self, *, without: str = "") -> tuple[Exposure, ...]:
        """Return every instrument held or worked, one order left out if it is named."""
        held = self.fills.positions()
        working = [row for row in self._working() if row.id != without]
        symbols = sorted({*held, *(row.intent.symbol for row in working)})
        return tuple(self._exposure(symbol, held, working) for symbol in symbols)

    def account(self, now: datetime) -> Account:
        """Return the account as the venue shows it, with its own past."""
        balance = self.venue.balance()
        day = now.date().isoformat()
        started = self.ledger.mark(self._day_mark(day))
        high = self.ledger.mark(self._high_mark())
        return Account(
            equity=balance.equity,
            margin_mode=balance.margin_mode,
            position_mode=balance.position_mode,
            day_start_equity=balance.equity if started is None else Decimal(started),
            high_water=max(balance.equity, ZERO if high is None else Decimal(high)),
            traded_today=self.fills.traded_on(day),
        )

    def mark_equity(self, lease: Lease, tick: Tick) -> None:
        """Keep the day's first equity and the highest ever; both survive a restart."""
        equity = self.venue.balance().equity
        day = self._day_mark(tick.at.date().isoformat())
        high = self.ledger.mark(self._high_mark())
        is_new_day = self.ledger.mark(day) is None
        is_new_high = high is None or equity > Decimal(high)
        if not (is_new_day or is_new_high):
            return
        with self.ledger.write(lease) as writing:
            if is_new_day:
                put_mark(writing, day, decimal_text(equity))
            if is_new_high:
                put_mark(writing, self._high_mark(), decimal_text(equity))

    def counters(self, now: datetime, symbol: str) -> Counters:
        """Count what was sent lately on the market's clock."""
        minute = self.orders.sent_since(now, MINUTE)
        return Counters(
            last_second=self.orders.count_sent_since(now, SECOND),
            last_minute=len(minute),
            last_day=self.orders.count_sent_since(now, DAY),
            open_orders=len(self._working()),
            rejects_last_minute=sum(
                row.state in BAD_ANSWERS and row.intent.symbol == symbol for row in minute
            ),
        )

    def recent(self, now: datetime, *, without: str) -> tuple[SentOrder, ...]:
        """Return the orders sent a moment ago."""
        return tuple(
            SentOrder(
                client_order_id=row.id,
                symbol=row.intent.symbol,
                side=row.intent.side,
                qty=row.intent.qty,
                price=row.price,
                is_slice=row.intent.is_slice,
            )
            for row in self.orders.sent_since(now, DUPLICATE_WINDOW)
            if row.id != without and row.price is not None
        )

    def _working(self) -> list[OrderRow]:
        states = (OrderState.SENDING, OrderState.UNKNOWN, OrderState.OPEN)
        return self.orders.in_states(states)

    def _exposure(self, symbol: str, held: dict[str, Decimal], working: list[OrderRow]) -> Exposure:
        quote = self.venue.quote(symbol)
        return Exposure(
            symbol=symbol,
            position=held.get(symbol, ZERO),
            buying=working_qty(working, symbol, Side.BUY),
            selling=working_qty(working, symbol, Side.SELL),
            mark=None if quote is None else quote.mark,
        )

    def _day_mark(self, day: str) -> str:
        return f"day:{self.venue.account}:{day}"

    def _high_mark(self) -> str:
        return f"high:{self.venue.account}"
