"""Target weights through vectorbt's ``Portfolio.from_orders``; runs in the peers' venv.

The folder has ``open.npy``, ``close.npy`` and ``weights.npy``, ``[time, instrument]``; weights are
those to trade at each bar's open, NaN where nothing is ordered. On stdin, ``time CAPITAL FEE
SLIPPAGE`` answers with the seconds of one call, and ``equity CAPITAL FEE SLIPPAGE`` with the equity
at each bar's close.
"""

import json
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt


def ordered(tables: "list[pd.DataFrame]", *terms: float) -> Any:  # noqa: ANN401  # It gives its classes no types.
    """Trade the weights: one account, orders that free cash first."""
    opens, closes, weights = tables
    capital, fee, slippage = terms
    return vbt.Portfolio.from_orders(
        closes,
        size=weights,
        size_type="targetpercent",
        price=opens,
        val_price=opens,
        fees=fee,
        slippage=slippage,
        init_cash=capital,
        cash_sharing=True,
        group_by=True,
        call_seq="auto",
        freq="1h",
    )


def main() -> None:
    """Answer line by line until stdin ends."""
    warnings.simplefilter("ignore")
    folder = Path(sys.argv[1])
    names = ("open", "close", "weights")
    tables = [pd.DataFrame(np.load(folder / f"{name}.npy")) for name in names]
    for line in sys.stdin:
        word, *numbers = line.split()
        terms = [float(number) for number in numbers]
        begun = time.perf_counter()
        portfolio = ordered(tables, *terms)
        took = time.perf_counter() - begun
        found = took if word == "time" else portfolio.value().to_numpy().ravel().tolist()
        print(json.dumps({word: found}), flush=True)


if __name__ == "__main__":
    main()
