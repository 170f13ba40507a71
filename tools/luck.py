"""A Sharpe ratio is never shown without what luck would show (DESIGN decision 17)."""

from typing import TYPE_CHECKING

from .fields import brief

if TYPE_CHECKING:
    from .lab import Lab

DEFLATED_HELP = "probability that the true Sharpe beats what so many trials give by luck"


def deflated(lab: "Lab", tenant: str, experiment_id: str, dataset: str) -> tuple[float | None, int]:
    """Return the deflated Sharpe ratio of a run, and how many trials its data set has seen."""
    from ..memory.deflate import deflate

    count = lab.experiments.trials(tenant, dataset)
    known = lab.experiments.get_many([experiment_id], tenant)
    found = deflate(known[0], count) if known else None
    return (None if found is None else brief(found.probability)), count.trials
