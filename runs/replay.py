"""A finished run once more, through the books of an event-driven engine.

1. The run's text is compiled again and back-tested again on the snapshot it ran on; the equity must
   have the bytes of the run's own, else it would be another book that is compared.
2. Targets and prices become a script, which a process of its own plays (``execution/replay``).
3. Both ledgers are compared; the reports are left among the run's artifacts.
"""

import csv
import importlib.util
import io
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..core.errors import BrokenError, ConflictError, LimitError, MissingExtraError
from ..core.files import tail, write_whole
from ..core.progress import Report, silent
from ..engine.artifacts import load_series, series_of
from ..execution.replay.files import RECORD, read_record, write_script
from ..execution.replay.ledger import replayed_ledger, research_ledger
from ..execution.replay.market import Market, market_of
from ..execution.replay.page import Story, replay_page, told
from ..execution.replay.refusals import check_history, check_settings, check_size
from ..execution.replay.script import Script, script_of
from ..execution.replay.verdict import TOTAL_BP_MAX, UNEXPLAINED_BP_MAX, Verdict, compare
from .artifacts import SERIES
from .engine import engine_of
from .feeds import Cards, feeds_of, kept_sources
from .process import ENVIRONMENT
from .window import days_of

if TYPE_CHECKING:
    from ..core.panel import Panel
    from ..data.lake import Lake
    from ..dsl.catalogue import Catalogue
    from ..dsl.strategy import Strategy
    from ..engine.backtest import Backtest
    from ..memory.experiment import Experiment

EXTRA, LIBRARY = "nautilus", "nautilus_trader"
PAGE, DATA, FILLS = "replay.html", "replay.json", "replay_fills.csv"
# In money of some size: a book of 1 would be rounded by the cent.
CAPITAL = 1_000_000.0
SECONDS_MAX = 600
WORDS_BYTES = 2_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay came to; ``fields`` are those of ``replay.json``."""

    verdict: Verdict
    fields: dict[str, Any]
    files: dict[str, bytes]

    @property
    def text(self) -> str:
        """Say it in a sentence."""
        return told(self.verdict)


@dataclass(frozen=True, slots=True)
class Replayer:
    """Where runs lie, and the command that plays a script: it gets the script's folder."""

    lake: "Lake"
    catalogue: "Catalogue"
    kernels: Path
    artifacts: Path
    command: Sequence[str]

    def replay(self, experiment: "Experiment", report: Report = silent) -> Replayed:
        """Replay a finished run.

        Raises:
            MissingExtraError: when the engine is not installed.
            ConflictError: when the run was not made by this engine, or its data are not the same.
            InvalidInputError: when the run has what the engine cannot follow.
            BrokenError: when the engine's process broke.
        """
        require_engine()
        report(0.0, 1.0, "testing again")
        found, panel = self._again(experiment)
        self._require_same(experiment, found)
        check_history(found.simulation)
        market, script = _scripted(found, panel)
        report(0.4, 1.0, f"replaying {len(market.times)} bars of {len(market.symbols)} names")
        with tempfile.TemporaryDirectory(prefix="alphaforge-replay-") as folder:
            write_script(Path(folder), script)
            play(self.command, Path(folder))
            record = read_record(Path(folder))
        report(0.9, 1.0, "comparing")
        verdict = compare(
            replayed_ledger(record, script),
            research_ledger(found.simulation, market),
            market,
            script,
        )
        fields = _fields(experiment, verdict, market, script, engine=record.engine)
        title = found.strategy.name or experiment.canonical
        origin = {"run": experiment.run_id, "data": experiment.dataset, "engine": record.engine}
        page = replay_page(verdict, Story(title, origin, series_of(found)))
        data = json.dumps(fields, indent=1, sort_keys=True).encode()
        files = {PAGE: page.encode(), DATA: data, FILLS: _table(verdict)}
        return Replayed(verdict, fields, files)

    def _again(self, experiment: "Experiment") -> tuple["Backtest", "Panel"]:
        from ..dsl.compile import compile_text
        from ..engine.backtest import backtest, span_of
        from ..engine.evaluate import Evaluator
        from ..engine.kernels import Kernels

        made = compile_text(experiment.text, self.catalogue, bar_seconds=experiment.bar_seconds)
        strategy = made.require()
        check_settings(strategy)
        if engine_of(strategy) != experiment.engine:
            raise ConflictError(
                "the engine has changed since the run",
                help="run the text again, and replay that run",
                next=f"alphaforge run {experiment.id}",
            )
        card = self.lake.card(experiment.dataset, snapshot=experiment.snapshot)
        kept = kept_sources(experiment.settings)
        others = ((alias, *kept[alias]) for alias, _ in strategy.sources)
        cards = Cards(
            card, tuple((alias, self.lake.card(name, snapshot=at)) for alias, name, at in others)
        )
        covered = days_of(card)
        start, end = span_of(strategy, covered)
        panel = self.lake.joined(*feeds_of(cards, made), start=start, end=end)
        before = None
        if strategy.universe.min_history_bars:
            opened = datetime.fromtimestamp(int(panel.times[0]), UTC)
            before = self.lake.bars_before(card.name, opened, snapshot=card.snapshot)
        evaluator = Evaluator(Kernels(self.kernels))
        return backtest(strategy, panel, evaluator, silent, covered, before=before), panel

    def _require_same(self, experiment: "Experiment", found: "Backtest") -> None:
        kept = load_series(self.artifacts / experiment.run_id / SERIES)
        if kept.equity.tobytes() != found.simulation.equity.tobytes():
            raise ConflictError(
                "the run's equity is not what its text and data give now",
                help="the run's artifacts or its data set were changed: run the text again",
            )


def require_engine() -> None:
    """Look whether the extra is installed, without opening it.

    Raises:
        MissingExtraError: naming the extra.
    """
    if importlib.util.find_spec(LIBRARY) is None:
        raise MissingExtraError(EXTRA, "a replay")


def play(command: Sequence[str], folder: Path) -> None:
    """Let a process of its own play the script in a folder, and wait for its record.

    Raises:
        LimitError: when it takes too long.
        BrokenError: when it ends without a record; its last words are told.
    """
    log = folder / "replay.log"
    with log.open("wb") as words:
        child = subprocess.Popen(
            [*command, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=words,
            cwd=folder,
            env={**ENVIRONMENT, "HOME": str(folder), "TMPDIR": str(folder)},
            start_new_session=True,
        )
        try:
            code = child.wait(SECONDS_MAX)
        except subprocess.TimeoutExpired as error:
            raise LimitError(f"the replay took more than {SECONDS_MAX} s") from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    if code or not (folder / RECORD).exists():
        last = tail(log, WORDS_BYTES).strip().splitlines()[-1:]
        said = f": `{last[0][:200]}`" if last else ", without a word"
        raise BrokenError(f"the replay's process ended with {code}{said}")


def leave(folder: Path, replayed: Replayed) -> tuple[str, ...]:
    """Write the reports into a folder and return their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in replayed.files.items():
        write_whole(folder / name, data)
    return tuple(replayed.files)


def _scripted(found: "Backtest", panel: "Panel") -> tuple[Market, Script]:
    """Cut the simulated bars of the names that were ever wanted, and write the script."""
    strategy, start, simulation = found.strategy, found.start_row, found.simulation
    targets, decides = _targets(found, strategy)
    columns = np.flatnonzero(targets.any(axis=0) | simulation.units.any(axis=0))
    check_size(len(targets), len(columns))
    market = market_of(
        panel.rows(start, start + len(targets)),
        columns.astype(np.int64),
        has_funding=strategy.costs.has_funding,
    )
    script = script_of(
        market,
        strategy.costs,
        targets=targets[:, columns],
        decides=decides,
        capital=CAPITAL,
    )
    return market, script


def _targets(found: "Backtest", strategy: "Strategy") -> tuple[Any, Any]:
    """Return the targets at the bars where they are traded, and which bars these are."""
    shape = found.simulation.units.shape
    targets, decides = np.zeros(shape), np.zeros(shape[0], dtype=np.bool_)
    rows = found.decisions + strategy.delay_bars - found.start_row
    targets[rows], decides[rows] = found.weights[found.decisions], True
    return targets, decides


def _fields(
    experiment: "Experiment", verdict: Verdict, market: Market, script: Script, *, engine: str
) -> dict[str, Any]:
    lone = [fill.row() for fill in verdict.fills if fill.is_lone]
    return {
        "run_id": experiment.run_id,
        "experiment_id": experiment.id,
        "is_agreed": verdict.is_agreed,
        "faults": list(verdict.faults),
        "engine": engine,
        "bars": len(market.times),
        "names": list(market.symbols),
        "capital": script.capital,
        "max_bp": verdict.max_bp,
        "final_bp": verdict.final_bp,
        "unexplained_max_bp": float(np.abs(verdict.unexplained_bp).max()),
        "tolerance_bp": {"total": TOTAL_BP_MAX, "unexplained": UNEXPLAINED_BP_MAX},
        "lines": [
            {
                "group": line.group,
                "cause": line.cause,
                "is_explained": line.is_explained,
                "final_bp": line.final_bp,
                "max_bp": line.max_bp,
            }
            for line in verdict.lines
        ],
        "fills": len(verdict.fills),
        "fills_lone": lone[:20],
        "difference_bp": [round(float(value), 9) for value in verdict.difference_bp],
    }


def _table(verdict: Verdict) -> bytes:
    out = io.StringIO()
    rows = [fill.row() for fill in verdict.fills]
    writer = csv.DictWriter(out, list(rows[0]) if rows else ["time"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
