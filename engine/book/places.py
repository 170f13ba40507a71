"""Where the loop finds its terms and leaves its answers: arrays have places, not names."""

# Terms of one simulation, float64.
CAPITAL = 0
FEE = 1  # fraction of the traded notional, maker and taker mixed
SLIP = 2  # fraction of the traded notional: fixed slippage and half the spread
IMPACT = 3  # coefficient of the square-root law; 0: none
LEVERAGE = 4  # largest gross exposure over equity at a trade; 0: no bound
MAINTENANCE = 5  # margin that must stay, over the notional held; 0: no margin model
LIQUIDATION_FEE = 6  # fraction of the notional closed by a liquidation
NOTIONAL_MIN = 7  # smallest order, in money; 0: any
TURNOVER_MAX = 8  # most that a rebalance trades, over equity; negative: no bound
HAS_STEPS = 9  # 1: orders have lots or a smallest notional
TERMS = 10

# Series, one row each of ``[SERIES, bar]``; money of the account's currency.
EQUITY = 0
FEES = 1
SLIPPAGE = 2
IMPACTS = 3
FUNDING = 4
TRADED = 5
GROSS = 6  # notional held at the close, absolute
NET = 7  # notional held at the close, with its sign
SERIES = 8

# Matrices of events, ``[event, instrument]``; what is held from it on, and what its trades cost.
UNITS, SIZES, EVENT_FEES, EVENT_SLIPPAGE, EVENT_IMPACT = range(5)
EVENTS = 5

# What happened by instrument, ``[NAMES, instrument]``; money.
GAIN = 0  # from prices, before any cost
PAID = 1  # funding
NAMES = 2

# Counts, int64.
TRADES = 0
FROZEN = 1  # orders that found no bar
DROPPED = 2  # prices that were not positive
TOO_SMALL = 3  # orders below the smallest notional, or that rounded to no lot
BOUND = 4  # decisions scaled down to the leverage
CROSSED = 5  # settlements of funding on a position
UNKNOWN_IMPACT = 6  # trades whose bar had no volume known: no impact booked
RUINED = 7  # 1 + the row of a liquidation or ruin; 0: none
LAST = 8  # place of the last event
COUNTS = 9
