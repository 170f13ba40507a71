"""The door to NautilusTrader: a script in, the books of its back-test engine out.

Nothing else imports the library, and only the replay's own process opens this file: it takes a
second and 240 MB, and the engine keeps global state. 1.221 on Python 3.11 and 1.231 on 3.12 gave
the same figures.

1. The venue prints each open as a trade and quotes both sides of it in the same instant; at the end
   of a bar it prints the close. What is traded are market orders into those quotes: one netting
   margin account, taker fees by the engine's own fee model, no margin asked for.
2. After the quotes of an open the trader hears a bell. It books the funding that settles now on the
   engine's positions (the engine books none), closes what has no bar any more, and then, at the
   next bell, trades to its targets: equity is the engine's balance and unrealised profit at the
   printed opens, less the funding booked so far.
3. At the last instant of a bar it writes down the engine's balance, profit and positions.

All arithmetic on money and positions is the engine's; ours are targets, funding and the notes.
"""

from decimal import ROUND_HALF_EVEN, Decimal

import nautilus_trader
import numpy as np
from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig, RiskEngineConfig, StrategyConfig
from nautilus_trader.core.data import Data
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.custom import customdataclass
from nautilus_trader.model.data import CustomData, DataType, QuoteTick, TradeTick
from nautilus_trader.model.enums import AccountType, AggressorSide, OmsType, OrderSide
from nautilus_trader.model.identifiers import (
    ClientId,
    InstrumentId,
    Symbol,
    TradeId,
    TraderId,
    Venue,
)
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.model.position import Position
from nautilus_trader.trading.strategy import Strategy

from ...core.errors import BrokenError
from .record import Record
from .script import Script

VENUE, BELLS = Venue("REPLAY"), ClientId("BELLS")
SECOND = 1_000_000_000
# More than any order asks for, and well inside what the engine's quantities can say.
ANY_SIZE = 1e12
SETTLE, TRADE, MARK = range(3)


@customdataclass
class Bell(Data):  # type: ignore[misc]
    """Tells the trader which moment of which bar has come."""

    row: int = 0
    moment: int = SETTLE


class Trader(Strategy):  # type: ignore[misc]
    """Holds the targets of a script and writes down what the engine's books say."""

    def __init__(self, script: Script, perps: list[CryptoPerpetual]) -> None:
        """Prepare an empty record."""
        super().__init__(StrategyConfig(strategy_id="REPLAY-1"))
        shape = script.open.shape
        self.script, self.perps = script, perps
        self.row = 0
        self.paid = 0.0
        self.balance, self.unrealized = np.zeros(shape[0]), np.zeros(shape[0])
        self.funding, self.units = np.zeros(shape), np.zeros(shape)
        self.fills: list[tuple[int, int, float, float, float]] = []
        self.refused: list[str] = []

    def on_start(self) -> None:
        """Listen to the venue and to the bells."""
        for perp in self.perps:
            self.subscribe_quote_ticks(perp.id)
            self.subscribe_trade_ticks(perp.id)
        self.subscribe_data(DataType(Bell), client_id=BELLS)

    def on_data(self, bell: Bell) -> None:
        """Do what is due at this moment."""
        self.row = bell.row
        if bell.moment == SETTLE:
            self._settle()
            self._close_gone()
        elif bell.moment == TRADE:
            self._trade()
        else:
            self._mark()

    def on_order_filled(self, event: object) -> None:
        """Write down a fill."""
        assert event is not None
        column = int(event.instrument_id.symbol.value)  # type: ignore[attr-defined]
        sign = 1.0 if event.order_side == OrderSide.BUY else -1.0  # type: ignore[attr-defined]
        units = sign * event.last_qty.as_double()  # type: ignore[attr-defined]
        price = event.last_px.as_double()  # type: ignore[attr-defined]
        fee = event.commission.as_double()  # type: ignore[attr-defined]
        self.fills.append((self.row, column, units, price, fee))

    def on_order_denied(self, event: object) -> None:
        """Remember that the engine's risk check refused an order."""
        self.refused.append(str(event))

    def on_order_rejected(self, event: object) -> None:
        """Remember that the venue refused an order."""
        self.refused.append(str(event))

    def _position(self, column: int) -> Position | None:
        found = self.cache.positions_open(instrument_id=self.perps[column].id)
        assert len(found) <= 1
        return found[0] if found else None

    def _settle(self) -> None:
        """Book funding on what the engine holds as the bar opens."""
        mark, rate = self.script.mark[self.row], self.script.rate[self.row]
        for column in np.flatnonzero(rate):
            position = self._position(int(column))
            if position is not None:
                units = float(position.signed_decimal_qty())
                self.funding[self.row, column] = units * mark[column] * rate[column]
        self.paid += float(self.funding[self.row].sum())

    def _close_gone(self) -> None:
        for column in np.flatnonzero(self.script.gone == self.row):
            position = self._position(int(column))
            if position is not None:
                self._order(int(column), -position.signed_decimal_qty())

    def _trade(self) -> None:
        """Trade to the targets what has a bar, sized on the equity at the printed opens."""
        script, row = self.script, self.row
        equity = sum(self._worth()) - self.paid
        for column in np.flatnonzero(np.isfinite(script.open[row])):
            name = int(column)
            wanted = script.targets[row, name] * equity / self._print(name).as_double()
            step = Decimal(1).scaleb(-int(script.size_digits[name]))
            position = self._position(name)
            held = position.signed_decimal_qty() if position is not None else Decimal(0)
            change = Decimal(wanted).quantize(step, rounding=ROUND_HALF_EVEN) - held
            if change:
                self._order(name, change)

    def _mark(self) -> None:
        row = self.row
        self.balance[row], self.unrealized[row] = self._worth()
        for column in range(len(self.perps)):
            position = self._position(column)
            if position is not None:
                self.units[row, column] = float(position.signed_decimal_qty())

    def _worth(self) -> tuple[float, float]:
        """Return the engine's balance and its unrealised profit at the last prints."""
        profit = 0.0
        for column in range(len(self.perps)):
            position = self._position(column)
            if position is not None:
                profit += position.unrealized_pnl(self._print(column)).as_double()
        balance = self.portfolio.account(VENUE).balance_total(USDT).as_double()
        return balance, profit

    def _print(self, column: int) -> Price:
        return self.cache.trade_tick(self.perps[column].id).price

    def _order(self, column: int, change: Decimal) -> None:
        side = OrderSide.BUY if change > 0 else OrderSide.SELL
        perp = self.perps[column]
        size = Quantity.from_str(f"{abs(change):.{perp.size_precision}f}")
        self.submit_order(self.order_factory.market(perp.id, side, size))


def replay(script: Script) -> Record:
    """Run a script through the engine and return what its books said.

    Raises:
        BrokenError: when the engine refused an order: the record would be of another book.
    """
    quiet = LoggingConfig(bypass_logging=True)
    config = BacktestEngineConfig(
        trader_id=TraderId("REPLAY-001"),
        logging=quiet,
        risk_engine=RiskEngineConfig(bypass=True),
        run_analysis=False,
    )
    engine = BacktestEngine(config)
    engine.add_venue(
        VENUE,
        OmsType.NETTING,
        AccountType.MARGIN,
        [Money(script.capital, USDT)],
        base_currency=USDT,
        default_leverage=Decimal(1),
    )
    perps = [_perp(script, column) for column in range(len(script.symbols))]
    for perp in perps:
        engine.add_instrument(perp)
    ticks, bells = _stream(script, perps)
    # A trade and a quote of one instant stay in this order: sorting by time is stable.
    engine.add_data(ticks, sort=True)
    engine.add_data(bells, client_id=BELLS, sort=True)
    trader = Trader(script, perps)
    engine.add_strategy(trader)
    engine.run()
    record = _record(trader)
    engine.dispose()
    return record


def _record(trader: Trader) -> Record:
    if trader.refused:
        raise BrokenError(
            f"the engine refused {len(trader.refused)} orders, the first with: "
            f"{trader.refused[0][:200]}"
        )
    rows, columns, units, prices, fees = zip(*trader.fills, strict=True)
    return Record(
        engine=f"nautilus_trader {nautilus_trader.__version__}",
        balance=trader.balance,
        unrealized=trader.unrealized,
        funding=trader.funding,
        units=trader.units,
        fill_row=np.array(rows, dtype=np.int64),
        fill_column=np.array(columns, dtype=np.int64),
        fill_units=np.array(units),
        fill_price=np.array(prices),
        fill_fee=np.array(fees),
    )


def _perp(script: Script, column: int) -> CryptoPerpetual:
    """Describe an instrument; its name is its column, so that no symbol can be malformed."""
    digits, size_digits = int(script.price_digits[column]), int(script.size_digits[column])
    symbol = Symbol(str(column))
    return CryptoPerpetual(
        instrument_id=InstrumentId(symbol, VENUE),
        raw_symbol=symbol,
        base_currency=BTC,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=digits,
        size_precision=size_digits,
        price_increment=Price(10.0**-digits, digits),
        size_increment=Quantity(10.0**-size_digits, size_digits),
        ts_event=0,
        ts_init=0,
        margin_init=Decimal(0),
        margin_maint=Decimal(0),
        maker_fee=script.taker,
        taker_fee=script.taker,
    )


def _stream(
    script: Script, perps: list[CryptoPerpetual]
) -> tuple[list[TradeTick | QuoteTick], list[CustomData]]:
    ticks: list[TradeTick | QuoteTick] = []
    bells: list[CustomData] = []
    kind = DataType(Bell)
    for row, opened in enumerate(script.times.tolist()):
        start, end = opened * SECOND, (opened + script.bar_seconds) * SECOND - 1
        for column, perp in enumerate(perps):
            ticks += _ticks(script, perp, (row, column), (start, end))
        moments = [(SETTLE, start + 1), (MARK, end)]
        if script.decides[row]:
            moments.insert(1, (TRADE, start + 2))
        for moment, at in moments:
            bell = Bell(ts_event=at, ts_init=at, row=row, moment=moment)
            bells.append(CustomData(kind, bell))
    return ticks, bells


def _ticks(
    script: Script, perp: CryptoPerpetual, cell: tuple[int, int], span: tuple[int, int]
) -> list[TradeTick | QuoteTick]:
    """Return the prints and the quote of one bar of one instrument, in their order."""
    found: list[TradeTick | QuoteTick] = []
    start, end = span
    digits, size = perp.price_precision, Quantity(ANY_SIZE, perp.size_precision)

    def printed(price: float, at: int) -> TradeTick:
        trade = TradeId(f"{cell[0]}-{at - start}")
        return TradeTick(
            perp.id, Price(price, digits), size, AggressorSide.NO_AGGRESSOR, trade, at, at
        )

    if np.isfinite(script.open[cell]):
        found.append(printed(script.open[cell], start))
    if np.isfinite(script.bid[cell]):
        bid, ask = (Price(side[cell], digits) for side in (script.bid, script.ask))
        found.append(QuoteTick(perp.id, bid, ask, size, size, start, start))
    if np.isfinite(script.close[cell]):
        found.append(printed(script.close[cell], end))
    return found
