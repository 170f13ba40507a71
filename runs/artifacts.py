"""Files that a run leaves: metrics, series, tear sheet; written in the worker."""

import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from ..core.errors import BrokenError
from ..core.files import write_whole
from ..data.card import DatasetCard
from ..dsl.feeds import by_alias
from ..engine.artifacts import load_series, save_series
from ..engine.facts import FIELDS_MEASURED
from ..engine.prices import FIELDS_NEEDED, fields_used
from ..memory.compare import Returns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..dsl.compile import Compilation
    from ..engine.backtest import Backtest
    from .feeds import Cards
    from .job import Job

RETURNS = "returns.npz"
METRICS, SERIES, PAGE, PICTURE = "metrics.json", "series.npz", "report.html", "report.png"
FOLDS = "folds.json"


def fields_for(card: DatasetCard, *compilations: "Compilation") -> list[str]:
    """List the fields to load: what texts read and what their accounting uses where it is."""
    used = set(FIELDS_MEASURED)
    read = set(FIELDS_NEEDED)
    for made in compilations:
        strategy = made.require()
        used |= fields_used(strategy.costs, strategy.account)
        read.update(by_alias(made.inputs).get("", []))
    return sorted(read | (used & {*card.fields, *card.derived}))


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
    names = (METRICS, SERIES, *_save_folds(folder, backtest))
    if not job.has_report:
        return names
    # Matplotlib takes a second to open: only a run that is looked at pays for it.
    from .sheet import draw

    page, picture = draw(folder / SERIES, backtest, job=job, compilation=compilation, cards=cards)
    write_whole(folder / PAGE, page)
    write_whole(folder / PICTURE, picture)
    return (*names, PAGE, PICTURE)


def save_figures(folder: Path, backtest: "Backtest", metrics: str) -> tuple[str, ...]:
    """Write what a variant of a batch leaves: its figures and net returns; return their names.

    They are not made durable one by one: the outcome that names them comes after them, and a loss
    of power between the two is a run that is done again.
    """
    write_whole(folder / METRICS, metrics.encode(), is_durable=False)
    simulation = backtest.simulation
    content = io.BytesIO()
    np.savez_compressed(
        content,
        times=simulation.times,
        returns=simulation.returns,
        bar_seconds=np.array(simulation.bar_seconds),
    )
    write_whole(folder / RETURNS, content.getvalue(), is_durable=False)
    return (METRICS, RETURNS, *_save_folds(folder, backtest))


def returns_from(path: Path) -> Returns:
    """Read the net returns of a run from what it left of them.

    Raises:
        BrokenError: when the file is absent or damaged.
    """
    times, values, _ = returns_in(path)
    return Returns(times=times.tolist(), values=values.tolist())


def returns_in(path: Path) -> "tuple[NDArray[np.int64], NDArray[np.float64], int]":
    """Return the times, net returns and bar length in a file of series or of returns alone.

    Raises:
        BrokenError: when the file is absent or damaged.
    """
    if path.name == SERIES:
        series = load_series(path)
        return series.times, series.returns, series.bar_seconds
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return file["times"], file["returns"], int(file["bar_seconds"])
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise BrokenError(f"`{path.name}` holds no readable returns: {error}") from error


def _save_folds(folder: Path, backtest: "Backtest") -> tuple[str, ...]:
    if not backtest.folds:
        return ()
    rows = [asdict(fold) for fold in backtest.folds]
    write_whole(folder / FOLDS, json.dumps(rows, indent=1).encode())
    return (FOLDS,)
