"""One order book in memory: quantities by price, and the best of each side at hand."""

from heapq import heappop, heappush


class Side:
    """One side: prices with quantities above 0; ``sign`` is -1 where the highest price is best."""

    __slots__ = ("_best_first", "levels", "sign")

    def __init__(self, sign: int) -> None:
        """Begin empty."""
        self.sign = sign
        self.levels: dict[float, float] = {}
        # Prices that were ever set; those that are gone leave when they come to the front.
        self._best_first: list[float] = []

    def put(self, price: float, quantity: float) -> None:
        """Set a level to its new absolute quantity; 0 takes it away."""
        if quantity == 0:
            self.levels.pop(price, None)
            return
        if price not in self.levels:
            heappush(self._best_first, self.sign * price)
        self.levels[price] = quantity

    def best(self) -> tuple[float, float]:
        """Return the best price and its quantity; NaN and 0 where the side is empty."""
        while self._best_first:
            price = self.sign * self._best_first[0]
            quantity = self.levels.get(price)
            if quantity is not None:
                return price, quantity
            heappop(self._best_first)
        return float("nan"), 0.0

    def top(self, count: int) -> list[tuple[float, float]]:
        """Return the best levels, best first."""
        best_first = sorted(self.levels, key=lambda price: self.sign * price)
        return [(price, self.levels[price]) for price in best_first[:count]]


class Book:
    """Both sides of one instrument."""

    __slots__ = ("asks", "bids")

    def __init__(self) -> None:
        """Begin empty."""
        self.bids, self.asks = Side(-1), Side(1)

    def put(self, side: str, price: float, quantity: float) -> None:
        """Set a level of the side ``buy`` or ``sell``."""
        (self.bids if side == "buy" else self.asks).put(price, quantity)

    def is_crossed(self) -> bool:
        """Tell whether somebody would buy for no less than another asks."""
        return self.bids.best()[0] >= self.asks.best()[0]
