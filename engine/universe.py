"""Who may be held at a bar, known from bars up to it and no later."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..core.panel import Panel
    from ..dsl.strategy import Universe
    from .evaluate import BoolMatrix, Evaluator


def universe_mask(universe: "Universe", panel: "Panel", evaluator: "Evaluator") -> "BoolMatrix":
    """Mark the members of each bar.

    A member has a finite close at the bar and at least ``min_history_bars`` bars so far, this one
    included. Of those with a finite value of ``by``, the ``top`` largest stay; of equals the one
    whose symbol comes first.
    """
    is_listed = np.isfinite(panel.fields["close"])
    is_eligible = is_listed & (np.cumsum(is_listed, axis=0) >= universe.min_history_bars)
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
