"""A market replayed from bars: each bar becomes ticks on the path open, extreme, extreme, close.

1. The path of a bar goes through its low first when the bar closes higher, else its high first.
2. Ticks are evenly spaced, the first on the bar's open and the last before its end; nothing of the
   next bar is used.
3. Prices fall on the instrument's grid; bid and ask lie half a spread off, rounded outward.
4. Depth at the best price is a share of the bar's own volume per tick.

The same panel always gives the same ticks. The market's time is its own: it says how old a quote
is; it never says whether an approval still holds.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isfinite

from ..core.errors import InvalidInputError
from ..core.instruments import Instrument
from ..core.panel import Panel
from .quote import Quote, Tick
from .steps import BASIS_POINT, ZERO, ceil_to, exact, floor_to

DAY_SECONDS = 86_400
FIELDS = ("open", "high", "low", "close", "volume")


@dataclass(frozen=True, slots=True)
class Replay:
    """Ticks of the bars of a panel; ``half_spread_bp`` and ``depth_share`` shape the quotes."""

    panel: Panel
    instruments: Mapping[str, Instrument]
    ticks_per_bar: int = 60
    half_spread_bp: Decimal = Decimal(1)
    depth_share: Decimal = Decimal("0.25")

    def __post_init__(self) -> None:
        """Refuse a panel that lacks prices or volume."""
        missing = [name for name in FIELDS if name not in self.panel.fields]
        if missing:
            raise InvalidInputError(
                f"the dataset `{self.panel.dataset}` has no `{'`, `'.join(missing)}`",
                help="a market is replayed from open, high, low, close and volume",
            )

    def row_of(self, bar_open: int) -> int:
        """Return the row of a bar.

        Raises:
            InvalidInputError: when the dataset has no such bar.
        """
        times = self.panel.times
        offset = bar_open - int(times[0]) if len(times) else -1
        row, rest = divmod(offset, self.panel.bar_seconds)
        if rest or not 0 <= row < len(times):
            span = f"{instant(int(times[0]))} .. {instant(int(times[-1]))}" if len(times) else ""
            raise InvalidInputError(
                f"no bar opens at `{instant(bar_open)}`", help=f"the dataset covers {span}"
            )
        return int(row)

    def ticks(self, row: int) -> Iterator[Tick]:
        """Yield the ticks of one bar in order."""
        bar_open = int(self.panel.times[row])
        step = timedelta(seconds=self.panel.bar_seconds) / self.ticks_per_bar
        listed = [i for i in range(len(self.panel.symbols)) if self._has_bar(row, i)]
        volumes = {i: self._volume_day(row, i) for i in listed}
        for number in range(self.ticks_per_bar):
            at = instant(bar_open) + number * step
            quotes = {}
            for i in listed:
                symbol = self.panel.symbols[i]
                if symbol in self.instruments:
                    quotes[symbol] = self._quote(row, i, number, at, volumes[i])
            funding = self._funding(row, listed) if number == 0 else {}
            yield Tick(at, bar_open, number, quotes, funding)

    def _value(self, name: str, row: int, column: int) -> float:
        return float(self.panel.fields[name][row, column])

    def _has_bar(self, row: int, column: int) -> bool:
        values = [self._value(name, row, column) for name in FIELDS]
        return all(isfinite(value) for value in values) and min(values[:4]) > 0

    def _quote(
        self, row: int, column: int, number: int, at: datetime, volume_day: Decimal | None
    ) -> Quote:
        symbol = self.panel.symbols[column]
        contract = self.instruments[symbol]
        price = self._path(row, column, number)
        half = price * self.half_spread_bp * BASIS_POINT
        volume = exact(self._value("volume", row, column))
        depth = floor_to(volume * self.depth_share / self.ticks_per_bar, contract.qty_step)
        # A hundredth of the price step: finer digits come only from dividing the path.
        fine = contract.price_step / 100
        mark = floor_to(self._mark(row, column, number, price), fine)
        return Quote(
            symbol=symbol,
            at=at,
            mark=mark,
            # Bars carry no index; the traded price stands in for it, so mark - index is real.
            index=floor_to(price, fine),
            bid=floor_to(price - half, contract.price_step),
            ask=ceil_to(price + half, contract.price_step),
            bid_qty=depth,
            ask_qty=depth,
            volume_day=volume_day,
        )

    def _path(self, row: int, column: int, number: int) -> Decimal:
        opened, high, low, close = (
            exact(self._value(name, row, column)) for name in ("open", "high", "low", "close")
        )
        first, second = (low, high) if close >= opened else (high, low)
        return _along((opened, first, second, close), number, self.ticks_per_bar)

    def _mark(self, row: int, column: int, number: int, price: Decimal) -> Decimal:
        if "mark_open" not in self.panel.fields or "mark_close" not in self.panel.fields:
            return price
        ends = [self._value(name, row, column) for name in ("mark_open", "mark_close")]
        if not all(isfinite(value) and value > 0 for value in ends):
            return price
        # The mark's own high and low are not in the data: it keeps its average distance
        # from the traded price, taken at the two ends of the bar.
        traded = [self._value(name, row, column) for name in ("open", "close")]
        gaps = [exact(mark) / exact(last) for mark, last in zip(ends, traded, strict=True)]
        return price * _along((gaps[0], gaps[1]), number, self.ticks_per_bar)

    def _funding(self, row: int, listed: list[int]) -> dict[str, Decimal]:
        if "funding_rate" not in self.panel.fields:
            return {}
        rates = {i: self._value("funding_rate", row, i) for i in listed}
        return {
            self.panel.symbols[i]: exact(rate)
            for i, rate in rates.items()
            if isfinite(rate) and rate != 0
        }

    def _volume_day(self, row: int, column: int) -> Decimal | None:
        bars = DAY_SECONDS // self.panel.bar_seconds
        if row < bars:
            return None
        total = ZERO
        for past in range(row - bars, row):
            volume, close = (self._value(name, past, column) for name in ("volume", "close"))
            if isfinite(volume) and isfinite(close):
                total += exact(volume) * exact(close)
        return total


def _along(points: tuple[Decimal, ...], number: int, count: int) -> Decimal:
    """Return where tick ``number`` of ``count`` stands on the straight lines through the points."""
    legs = len(points) - 1
    position = Decimal(number * legs) / max(1, count - 1)
    leg = min(int(position), legs - 1)
    return points[leg] + (points[leg + 1] - points[leg]) * (position - leg)


def instant(epoch_seconds: int) -> datetime:
    """Return the instant of epoch seconds, aware, in UTC."""
    return datetime.fromtimestamp(epoch_seconds, UTC)
