"""Who may be held at a bar, known from bars up to it and no later.

A member of a bar passes these rules, in this order:

1. Its symbol is among ``only``, if that names any, and not among ``exclude``.
2. It has a finite close at the bar, and at least ``min_history_bars`` so far, this one included,
   and those before the panel's first bar, which ``before`` counts.
3. ``where`` is yes: evaluated over those that passed so far. No, and missing, keep it out.
4. Of those with a finite value of ``by``, evaluated over those that passed so far, it is one of the
   ``top`` largest; of equals the one whose symbol comes first.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..core.panel import Panel
    from ..dsl.strategy import Universe
    from .evaluate import BoolMatrix, Evaluator


def universe_mask(
    universe: "Universe",
    panel: "Panel",
    evaluator: "Evaluator",
    before: "Mapping[str, int] | None" = None,
) -> "BoolMatrix":
    """Mark the members of each bar; see the rules above."""
    is_listed = np.isfinite(panel.fields["close"]) & _is_named(universe, panel.symbols)
    earlier = np.array([(before or {}).get(symbol, 0) for symbol in panel.symbols], np.int64)
    history = earlier + np.cumsum(is_listed, axis=0)
    is_eligible = is_listed & (history >= universe.min_history_bars)
    if universe.where is not None:
        (answers,) = evaluator.evaluate([universe.where], panel, is_eligible)
        is_eligible = is_eligible & np.isfinite(answers) & (answers != 0)
    if universe.by is None:
        assert universe.top is None, "the compiler lets no `top` pass without `by`"
        return is_eligible
    (values,) = evaluator.evaluate([universe.by], panel, is_eligible)
    is_eligible &= np.isfinite(values)
    if universe.top is None:
        return is_eligible
    # Sorted upward, so that the best come first and strangers last; stable, so symbols decide.
    order = np.argsort(np.where(is_eligible, -values, np.inf), axis=1, kind="stable")
    is_top = np.zeros(panel.shape, dtype=np.bool_)
    np.put_along_axis(is_top, order[:, : universe.top], values=True, axis=1)
    return is_eligible & is_top


def _is_named(universe: "Universe", symbols: tuple[str, ...]) -> "BoolMatrix":
    """Tell, by instrument, who may be a member at all."""
    wanted, refused = set(universe.only or symbols), set(universe.exclude)
    return np.array([symbol in wanted and symbol not in refused for symbol in symbols], np.bool_)
