"""The tear sheet of a run, gathered and drawn."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.artifacts import load_series
from ..engine.report import Sheet, tear_sheet_html, tear_sheet_png
from ..engine.statistics import luck_of

if TYPE_CHECKING:
    from ..dsl.compile import Compilation
    from ..engine.backtest import Backtest
    from .feeds import Cards
    from .job import Job


def draw(
    series: Path,
    backtest: "Backtest",
    *,
    job: "Job",
    compilation: "Compilation",
    cards: "Cards",
) -> tuple[bytes, bytes]:
    """Return the page and the picture of one run."""
    strategy, card = compilation.require(), cards.first
    sheet = Sheet(
        title=strategy.name or compilation.canonical,
        series=load_series(series),
        metrics=backtest.metrics,
        doc=strategy.doc,
        dataset=card.name,
        origin={
            "run": job.run_id,
            "fingerprint": compilation.fingerprint,
            "snapshot": card.snapshot,
            "engine": job.engine,
            **{f"data {alias}": f"{other.name} {other.snapshot}" for alias, other in cards.others},
        },
        luck=luck_of(
            backtest.metrics,
            bar_seconds=card.bar_seconds,
            trials=max(job.trials.trials, 1),
            trial_sharpes=job.trials.stand_ins(card.bar_seconds),
        ),
        notes=(
            *backtest.notes,
            *card.notes,
            *(f"{alias}: {note}" for alias, other in cards.others for note in other.notes),
        ),
        text=job.text,
        folds=backtest.folds,
        is_synthetic=card.is_synthetic or any(other.is_synthetic for _, other in cards.others),
    )
    return tear_sheet_html(sheet).encode(), tear_sheet_png(sheet)
