"""The simulated exchange and the replayed market: exact, repeatable, and never forgetful."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphaforge.core.errors import InvalidInputError
from alphaforge.execution.catalogue import venue_kind, venue_kinds
from alphaforge.execution.contracts import contracts_of
from alphaforge.execution.market import Replay
from alphaforge.execution.order import Order, Side, TimeInForce
from alphaforge.execution.quote import Tick
from alphaforge.execution.states import MOVES, TERMINAL, OrderState
from alphaforge.execution.steps import ceil_to, floor_to, is_multiple, toward_zero
from alphaforge.execution.venues.sim import DEPOSIT, TAKER_FEE_BP, SimVenue
from alphaforge.execution.venues.venue import VenueRejectedError, VenueSetup
from alphaforge.tests.gateway_world import HISTORY, SYMBOLS, World, market

D = Decimal
BUY = Order("c1", "AAAUSDT", Side.BUY, D(10), D(200))


def replay(ticks: int = 4) -> Replay:
    panel = market()
    return Replay(panel, contracts_of(panel, "sim"), ticks_per_bar=ticks)


def ticks(row: int = HISTORY, count: int = 4) -> list[Tick]:
    return list(replay(count).ticks(row))


@pytest.fixture
def venue(tmp_path: Path) -> SimVenue:
    made = World(tmp_path).venue()
    made.observe(ticks()[0])
    return made


def test_a_client_order_id_makes_one_order_for_ever(venue: SimVenue, tmp_path: Path) -> None:
    first = venue.place(BUY)
    again = venue.place(replace(BUY, qty=D(99), side=Side.SELL))
    venue.close()
    reopened = World(tmp_path).venue()
    reopened.observe(ticks(HISTORY + 1)[0])
    assert first == again == reopened.place(BUY) == reopened.order("c1")
    assert len(reopened.fills(0)) == 1


def test_money_is_kept_to_the_last_digit(venue: SimVenue) -> None:
    venue.place(BUY)
    venue.place(replace(BUY, client_order_id="c2", side=Side.SELL, price=D(9), qty=D(4)))
    cash = DEPOSIT
    for fill in venue.fills(0):
        assert fill.fee == fill.qty * fill.price * TAKER_FEE_BP / 10_000
        cash -= fill.side.sign * fill.qty * fill.price + fill.fee
    quote = venue.quote("AAAUSDT")
    assert quote is not None
    assert venue.balance().cash == cash
    assert venue.positions() == {"AAAUSDT": D(6)}
    assert venue.balance().equity == cash + 6 * quote.mark


def test_an_order_fills_to_the_depth_of_its_tick_and_the_rest_expires(venue: SimVenue) -> None:
    quote = venue.quote("AAAUSDT")
    assert quote is not None
    first = venue.place(replace(BUY, qty=quote.ask_qty - 1))
    second = venue.place(replace(BUY, client_order_id="c2", qty=D(10)))
    assert (first.state, second.state) == (OrderState.FILLED, OrderState.EXPIRED)
    assert second.filled_qty == 1
    venue.observe(ticks()[0])
    third = venue.place(replace(BUY, client_order_id="c3"))
    assert third.filled_qty == 0, "a tick seen again has no new depth"
    venue.observe(ticks()[1])
    assert venue.place(replace(BUY, client_order_id="c4")).state == OrderState.FILLED


def test_a_resting_order_waits_for_its_price_and_can_be_cancelled(venue: SimVenue) -> None:
    low = replace(BUY, price=D(50), time_in_force=TimeInForce.GTC)
    assert venue.place(low).state == OrderState.OPEN
    assert [order.client_order_id for order in venue.open_orders()] == ["c1"]
    cancelled = venue.cancel("c1")
    assert cancelled is not None
    assert cancelled.state == OrderState.CANCELLED
    quote = venue.quote("AAAUSDT")
    assert quote is not None
    near = replace(low, client_order_id="c2", price=quote.bid)
    venue.place(near)
    for row in range(HISTORY, HISTORY + 4):
        for tick in ticks(row):
            venue.observe(tick)
    filled = venue.order("c2")
    assert filled is not None
    assert filled.state == OrderState.FILLED


@pytest.mark.parametrize(
    "order",
    [
        replace(BUY, symbol="ZZZUSDT"),
        replace(BUY, qty=D("0.00001")),
        replace(BUY, qty=D("10.00005")),
        replace(BUY, price=D("100.00000001")),
        replace(BUY, qty=D("0.001"), price=D("100")),
    ],
    ids=str,
)
def test_the_exchange_refuses_what_its_contract_does_not_allow(
    venue: SimVenue, order: Order
) -> None:
    with pytest.raises(VenueRejectedError):
        venue.place(order)
    assert venue.order("c1") is None


def test_K5_the_exchange_itself_does_not_let_reduce_only_open_anything(venue: SimVenue) -> None:
    placed = venue.place(replace(BUY, is_reduce_only=True))
    assert placed.filled_qty == 0
    venue.place(replace(BUY, client_order_id="c2"))
    sell = replace(BUY, client_order_id="c3", side=Side.SELL, price=D(1), qty=D(25))
    assert venue.place(replace(sell, is_reduce_only=True)).filled_qty == 10
    assert venue.positions() == {}


def test_funding_is_paid_once_on_what_was_held_before_the_tick(venue: SimVenue) -> None:
    settling = next(
        tick for row in range(HISTORY, HISTORY + 9) for tick in ticks(row)[:1] if tick.funding
    )
    venue.observe(settling)
    venue.place(BUY)
    venue.observe(settling)
    assert venue.payments(0) == [], "flat at the instant, so nothing is due, seen again or not"
    later = replace(settling, at=ticks(HISTORY + 8)[0].at)
    venue.observe(later)
    venue.observe(later)
    [paid] = venue.payments(0)
    mark = later.quotes["AAAUSDT"].mark
    assert paid.amount == (-10 * mark * later.funding["AAAUSDT"]).quantize(D("0.00000001"))


def test_the_same_bars_make_the_same_ticks() -> None:
    assert ticks(HISTORY + 3, 60) == ticks(HISTORY + 3, 60)


def test_a_bar_is_walked_from_open_to_close_inside_its_range() -> None:
    panel = market()
    seen = ticks(HISTORY + 2, 60)
    for column, symbol in enumerate(SYMBOLS):
        marks = [float(tick.quotes[symbol].mark) for tick in seen]
        bar = {name: float(panel.fields[name][HISTORY + 2, column]) for name in panel.fields}
        assert marks[0] == pytest.approx(bar["open"], rel=1e-5)
        assert marks[-1] == pytest.approx(bar["close"], rel=1e-5)
        assert min(marks) >= bar["low"] * (1 - 1e-5)
        assert max(marks) <= bar["high"] * (1 + 1e-5)
    for quote in seen[7].quotes.values():
        assert quote.bid < quote.index < quote.ask
        step = contracts_of(panel, "sim")[quote.symbol].price_step
        assert is_multiple(quote.bid, step)
        assert is_multiple(quote.ask, step)


def test_D3_no_tick_of_a_bar_knows_what_comes_after_it() -> None:
    panel = market()
    whole = Replay(panel, contracts_of(panel, "sim"), ticks_per_bar=6)
    cut = Replay(panel.rows(0, HISTORY + 3), whole.instruments, ticks_per_bar=6)
    assert list(whole.ticks(HISTORY + 2)) == list(cut.ticks(HISTORY + 2))


def test_a_bar_that_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(InvalidInputError, match="no bar opens"):
        replay().row_of(int(market().times[0]) + 1)


def test_venues_are_found_by_being_there() -> None:
    assert set(venue_kinds()) == {"sim"}
    assert venue_kind("sim").is_simulated


@pytest.mark.parametrize("account", ["../../etc", "a/b", "", ".", "x" * 65, "a b"])
def test_N2_an_account_is_never_a_path(tmp_path: Path, account: str) -> None:
    with pytest.raises(InvalidInputError):
        SimVenue(VenueSetup(tmp_path, account, {}))
    assert not list(tmp_path.iterdir())


def test_A9_nothing_leaves_a_terminal_order_state() -> None:
    assert {OrderState.FILLED, OrderState.REJECTED, OrderState.REFUSED} <= TERMINAL
    assert all(MOVES[state] == set() for state in TERMINAL)
    # What may be at the venue is never called unsent without having been asked for.
    assert OrderState.NEW not in MOVES[OrderState.SENDING]


@settings(max_examples=200, deadline=None)
@given(value=st.decimals("-1e9", "1e9", places=9), step=st.decimals("1e-6", "1e3", places=6))
def test_G8_rounding_goes_the_way_it_says(value: Decimal, step: Decimal) -> None:
    assert floor_to(value, step) <= value <= ceil_to(value, step)
    assert abs(toward_zero(value, step)) <= abs(value)
    assert abs(value - toward_zero(value, step)) < step
