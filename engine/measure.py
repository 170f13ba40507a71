"""All metrics of one history, found by folder scan."""

import numpy as np

from ..core.registry import modules_in
from . import metrics
from .facts import METRICS, Facts, finite_or_none


def measure(facts: Facts) -> dict[str, float | None]:
    """Return every metric by name, in the order of the names; None where it has no value."""
    names = [module.__name__ for module in modules_in(metrics)]
    assert names, "the folder of metrics is empty"
    # A book of absurd returns has figures that overflow: they are no value, not a warning.
    with np.errstate(all="ignore"):
        return {name: finite_or_none(find(facts)) for name, find in METRICS.members().items()}
