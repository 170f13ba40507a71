"""What a symbol says of its instrument, as the venues spell theirs."""

import pytest

from alphaforge.core.instruments import AssetClass, Calendar
from alphaforge.core.symbols import delivery_of, info_of

PERPETUAL, FUTURE, SPOT = AssetClass.PERPETUAL, AssetClass.FUTURE, AssetClass.SPOT


@pytest.mark.parametrize(
    ("symbol", "read"),
    [
        ("BTCUSDT", ("BTC", "USDT", "USDT", PERPETUAL, 1)),
        ("BTC_USDT", ("BTC", "USDT", "USDT", PERPETUAL, 1)),
        ("BTC-USDT-SWAP", ("BTC", "USDT", "USDT", PERPETUAL, 1)),
        ("BTC/USDT:USDT", ("BTC", "USDT", "USDT", PERPETUAL, 1)),
        ("BTC/USD:BTC", ("BTC", "USD", "BTC", PERPETUAL, 1)),
        ("BTCUSD_PERP", ("BTC", "USD", "BTC", PERPETUAL, 1)),
        ("XBTUSD", ("BTC", "USD", "BTC", PERPETUAL, 1)),
        ("BTC-PERPETUAL", ("BTC", "USD", "BTC", PERPETUAL, 1)),
        ("1000PEPEUSDT", ("PEPE", "USDT", "USDT", PERPETUAL, 1000)),
        ("1000000MOGUSDT", ("MOG", "USDT", "USDT", PERPETUAL, 1_000_000)),
        ("1MBABYDOGEUSDT", ("BABYDOGE", "USDT", "USDT", PERPETUAL, 1_000_000)),
        ("SHIB1000USDT", ("SHIB", "USDT", "USDT", PERPETUAL, 1000)),
        ("kPEPE", ("PEPE", "", "", PERPETUAL, 1000)),
        ("1INCHUSDT", ("1INCH", "USDT", "USDT", PERPETUAL, 1)),
        ("BTCFDUSD", ("BTC", "FDUSD", "FDUSD", PERPETUAL, 1)),
        ("SIM00USDT", ("SIM00", "USDT", "USDT", PERPETUAL, 1)),
        ("ETHBTC", ("ETH", "BTC", "BTC", PERPETUAL, 1)),
        ("BTC-USD", ("BTC", "USD", "USD", SPOT, 1)),
        ("BTC/USDT", ("BTC", "USDT", "USDT", SPOT, 1)),
        ("BTCUSDT_251226", ("BTC", "USDT", "USDT", FUTURE, 1)),
        ("BTC-USD-251226", ("BTC", "USD", "BTC", FUTURE, 1)),
        ("BTC/USDT:USDT-251226", ("BTC", "USDT", "USDT", FUTURE, 1)),
        ("AAVE", ("AAVE", "", "", PERPETUAL, 1)),
    ],
)
def test_a_symbol_is_read_as_its_venue_means_it(symbol: str, read: tuple[object, ...]) -> None:
    info = info_of(symbol, venue="somewhere")
    assert (info.base, info.quote, info.settle, info.asset_class, info.multiplier) == read
    assert (info.symbol, info.venue, info.calendar) == (symbol, "somewhere", Calendar.ALWAYS)


@pytest.mark.parametrize(
    ("symbol", "read"),
    [
        ("BTCUSDT_251226", ("BTCUSDT", 1766736000)),
        ("BTC-251226", ("BTC", 1766736000)),
        ("BTC-USD-20251226", ("BTC-USD", 1766736000)),
        ("BTC/USDT:USDT-251226", ("BTC/USDT:USDT", 1766736000)),
        ("BTCUSDT_251326", None),
        ("BTCUSDT", None),
        ("BTC-USDT-SWAP", None),
    ],
)
def test_a_day_of_delivery_is_read_with_its_underlying(
    symbol: str, read: tuple[str, int] | None
) -> None:
    assert delivery_of(symbol) == read
