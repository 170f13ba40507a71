"""How often luck had its chance: the number of distinct trials, and how far their Sharpes spread.

A trial is one distinct (strategy fingerprint, data slice); a data slice is a dataset snapshot and
a window. The primary key of the table is that definition, so a re-run cannot count twice, and a
failure, or the same idea in a form of another fingerprint, cannot fail to count.
"""

import math
import sqlite3
from dataclasses import dataclass

from ..engine.statistics import YEAR_SECONDS, per_bar
from .experiment import Experiment, ExperimentKind

# A dataset's trials are those of every snapshot ever run under its name: new bars do not start
# the count anew, and neither does a copy of the same data under another name.
SCOPE = """
tenant = :tenant AND (:dataset = '' OR snapshot IN (
    SELECT snapshot FROM trial_data WHERE tenant = :tenant AND dataset = :dataset
))
"""


@dataclass(frozen=True, slots=True)
class TrialCount:
    """``sharpe_variance`` is that of the per-observation Sharpe ratios, over trials that have one.

    It is nothing below two such trials.
    """

    trials: int
    with_sharpe: int
    sharpe_variance: float | None

    def stand_ins(self, bar_seconds: int) -> tuple[float, ...]:
        """Return two annual Sharpe ratios that spread as far as all the trials do.

        A judge needs of the trials their number and their variance only.
        """
        if self.sharpe_variance is None:
            return ()
        half = math.sqrt(self.sharpe_variance / 2 * YEAR_SECONDS / bar_seconds)
        return (half, -half)


def sharpe_per_observation(experiment: Experiment) -> float | None:
    """Return the Sharpe ratio of one bar's return from the annual one of the metrics."""
    annual = experiment.metric("sharpe")
    if annual is None or experiment.bar_seconds <= 0:
        return None
    return per_bar(annual, experiment.bar_seconds)


def count_trial(connection: sqlite3.Connection, experiment: Experiment) -> None:
    """Enter a run among the trials, or add the Sharpe ratio it came to; inside a transaction."""
    if experiment.kind is not ExperimentKind.RUN:
        return
    connection.execute(
        "INSERT INTO trial_data (tenant, dataset, snapshot) VALUES (?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        (experiment.tenant, experiment.dataset, experiment.snapshot),
    )
    connection.execute(
        "INSERT INTO trials (tenant, strategy_fingerprint, snapshot, data_window, sharpe)"
        " VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT DO UPDATE SET sharpe = coalesce(excluded.sharpe, sharpe)",
        (
            experiment.tenant,
            experiment.strategy_fingerprint,
            experiment.snapshot,
            experiment.window,
            sharpe_per_observation(experiment),
        ),
    )


def trial_count(connection: sqlite3.Connection, tenant: str, dataset: str) -> TrialCount:
    """Count a tenant's trials, on one dataset or (with an empty name) on all."""
    row = connection.execute(
        "SELECT count(*) AS trials, count(sharpe) AS with_sharpe, avg(sharpe) AS mean"
        f" FROM trials WHERE {SCOPE}",
        {"tenant": tenant, "dataset": dataset},
    ).fetchone()
    count = int(row["with_sharpe"])
    if count < 2:  # noqa: PLR2004  # A variance needs two.
        return TrialCount(int(row["trials"]), count, None)
    # A second pass around the mean: the difference of two sums of squares loses its digits.
    spread = connection.execute(
        "SELECT sum((sharpe - :mean) * (sharpe - :mean)) AS squares"
        f" FROM trials WHERE sharpe IS NOT NULL AND {SCOPE}",
        {"tenant": tenant, "dataset": dataset, "mean": row["mean"]},
    ).fetchone()
    return TrialCount(int(row["trials"]), count, float(spread["squares"]) / (count - 1))
