"""Rows of the loop's own room, ``[ROOM, instrument]``."""

HERE, NOW, BEFORE = range(3)  # prices at the bar's open and close, and at the close before
MARKED = 3  # mark prices
CHANGE = 4  # units to trade
VARIANCE = 5  # of a bar's return, fading
PRICE = 6  # prices to trade at, and what is paid
SINCE = 7  # prices up to which gains are counted
NONE = 8  # zeros
SIZE = 9  # notional of trades
ROOM = 10
