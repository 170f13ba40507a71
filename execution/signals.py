"""Target weights of a compiled strategy from the bars up to an instant, by the research engine.

A heavy door: numpy and the engine come with it, so it is opened late.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from ..core.errors import InvalidInputError
from ..dsl.strategy import Strategy
from ..engine.evaluate import Evaluator
from ..engine.missing import check_missing
from ..engine.universe import universe_mask
from ..engine.weights import decided_weights
from .steps import exact

if TYPE_CHECKING:
    from ..core.panel import Panel


@dataclass(frozen=True, slots=True)
class EngineSignals:
    """Decides on rows that end with the signal's bar.

    With an evaluator that follows its panel, a decision costs the bars since the last one.
    """

    strategy: Strategy
    panel: "Panel"
    evaluator: Evaluator

    def __call__(self, bar_open: int) -> Mapping[str, Decimal]:
        """Return the weights decided at the end of a bar; names without one are left out.

        Raises:
            InvalidInputError: when the panel has no such bar, or too many values are missing.
        """
        if self.strategy.roll_bars is not None:
            raise InvalidInputError(
                "a strategy that rolls dated contracts is back-tested, not traded yet",
                help="remove `roll`, and trade perpetuals",
            )
        row = int(np.searchsorted(self.panel.times, bar_open))
        if row >= len(self.panel.times) or int(self.panel.times[row]) != bar_open:
            raise InvalidInputError(f"the dataset `{self.panel.dataset}` has no bar `{bar_open}`")
        # Later rows are cut off before anything looks: what is not there cannot leak.
        known = self.panel.rows(0, row + 1)
        mask = universe_mask(self.strategy.universe, known, self.evaluator)
        signal = self.evaluator.evaluate([self.strategy.signal], known, mask)[0]
        signal = np.where(mask, signal, np.nan)
        check_missing(signal, mask, known, np.array([row]), self.strategy.signal)
        weights = decided_weights(
            self.strategy.portfolio,
            known,
            signal=signal,
            mask=mask,
            rows=np.array([row]),
            evaluator=self.evaluator,
            benchmark=self.strategy.benchmark,
        )[0]
        return {
            symbol: exact(weight)
            for symbol, weight in zip(known.symbols, weights, strict=True)
            if weight
        }
