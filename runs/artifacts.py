"""Files that a run leaves: metrics, series, tear sheet; written in the worker."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from ..data.card import DatasetCard
from ..dsl.feeds import by_alias
from ..engine.artifacts import load_series, save_series
from ..engine.prices import FIELDS_NEEDED, FIELDS_USED
from ..memory.compare import Returns
from .files import write_whole

if TYPE_CHECKING:
    from ..dsl.compile import Compilation
    from ..engine.backtest import Backtest
    from .feeds import Cards
    from .job import Job

METRICS, SERIES, PAGE, PICTURE = "metrics.json", "series.npz", "report.html", "report.png"
FOLDS = "folds.json"


def fields_for(card: DatasetCard, compilation: "Compilation") -> list[str]:
    """List the fields to load: what the text reads and what the accounting uses where it is."""
    there = {*card.fields, *card.derived}
    read = by_alias(compilation.inputs).get("", [])
    return sorted({*read, *FIELDS_NEEDED, *(name for name in FIELDS_USED if name in there)})


def save(  # noqa: PLR0913  # All that artifacts are made of.
    folder: Path,
    backtest: "Backtest",
    *,
    job: "Job",
    compilation: "Compilation",
    cards: "Cards",
    metrics: str,
) -> tuple[str, ...]:
    """Write the artifacts into the run's folder and return their names."""
    write_whole(folder / METRICS, metrics.encode())
    save_series(folder / SERIES, backtest)
    names: tuple[str, ...] = (METRICS, SERIES)
    if backtest.folds:
        rows = [asdict(fold) for fold in backtest.folds]
        write_whole(folder / FOLDS, json.dumps(rows, indent=1).encode())
        names = (METRICS, SERIES, FOLDS)
    if not job.has_report:
        return names
    # Matplotlib takes a second to open: only a run that is looked at pays for it.
    from .sheet import draw

    page, picture = draw(folder / SERIES, backtest, job=job, compilation=compilation, cards=cards)
    write_whole(folder / PAGE, page)
    write_whole(folder / PICTURE, picture)
    return (*names, PAGE, PICTURE)


def returns_from(path: Path) -> Returns:
    """Read the net returns of a run from its series."""
    series = load_series(path)
    return Returns(times=series.times.tolist(), values=series.returns.tolist())
