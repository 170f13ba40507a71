"""Batches through the service, with a real worker process."""

import os
import signal
from pathlib import Path

import numpy as np
import pytest

from alphaforge.core.errors import InvalidInputError, NotFoundError
from alphaforge.engine.backtest import backtest, span_of
from alphaforge.engine.batch import backtest_many
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.memory.rows import metrics_text
from alphaforge.runs.batches import BatchView
from alphaforge.runs.limits import RunLimits
from alphaforge.runs.states import State
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.run_world import AGENT, DATASET, World, compiled, new_world

pytestmark = [pytest.mark.timeout(180)]

WAIT_SECONDS = 90
TEXT = """strategy varied {{
  data small bar 1h
  universe top {top} by ts_mean(quote_volume, 12h), min_history 30h
  signal rank(ts_mean(returns(close), {bars}h)) - {weight} * rank(ts_std(returns(close), 24h))
  portfolio long_short quantile {quantile}%
  backtest 2024-01-05 .. 2024-01-09
}}
"""
# The last looks back further than the others, and one is refused: nobody has a signal.
CHOICES = [
    {"top": top, "bars": bars, "weight": weight, "quantile": quantile}
    for top, bars, weight, quantile in (
        (5, 3, 0, 20),
        (5, 3, 0.5, 20),
        (5, 3, 0.5, 40),
        (4, 7, 0.5, 20),
        (5, 36, 0.25, 20),
        (5, 300, 0.25, 20),
    )
]
STALLING = """strategy stalling {{
  data small bar 1h
  signal rank(stall({field}))
  backtest 2024-01-05 .. 2024-01-09
}}
"""
TEXTS = [TEXT.format(**choice) for choice in CHOICES]


def started(world: World, texts: list[str]) -> BatchView:
    named = [(f"v{place}", compiled(text)) for place, text in enumerate(texts)]
    return world.runs.batches.start(named, DATASET, AGENT)


def ended(world: World, texts: list[str]) -> BatchView:
    batch = started(world, texts).batch_id
    done = world.runs.batches.wait(batch, WAIT_SECONDS)
    assert done.state not in {State.RUNNING, State.QUEUED}, done
    return done


def test_variants_of_a_batch_are_the_runs_that_they_are_alone(tmp_path: Path) -> None:
    together, alone = new_world(tmp_path / "batch"), new_world(tmp_path / "alone")
    done = ended(together, TEXTS)
    found = together.runs.batches.runs(done.batch_id)
    assert [name for name, _ in found] == [f"v{place}" for place in range(len(TEXTS))]
    for text, (_, run) in zip(TEXTS, found, strict=True):
        view = alone.runs.start(compiled(text), DATASET, AGENT)
        single = alone.runs.wait(view.run_id, WAIT_SECONDS)
        assert single.run_id == run.run_id
        assert single.metrics_text == run.metrics
        assert single.state is run.state
        assert single.notes == run.notes
        assert (single.fault and single.fault.code) == (run.fault and run.fault.code)
        kept = together.experiments.get(run.experiment_id)
        assert kept.metrics == alone.experiments.get(run.experiment_id).metrics
        returns, expected = (
            together.runs.returns(kept),
            alone.runs.returns(alone.experiments.get(run.experiment_id)),
        )
        assert returns == expected
    assert {run.state for _, run in found[:5]} == {State.COMPLETED}
    assert found[5][1].state is State.FAILED
    counts = (
        together.experiments.trials(dataset=DATASET),
        alone.experiments.trials(dataset=DATASET),
    )
    assert counts[0] == counts[1]
    assert counts[0].trials == len(TEXTS)
    entries = together.journal.entries(kind="run.completed")
    assert len(entries) == 5
    again = started(together, TEXTS)
    assert (again.batch_id, again.is_from_memory) == (done.batch_id, True)
    assert len(list((tmp_path / "batch").rglob("worker.log"))) == 1


def test_a_batch_in_small_parts_has_the_bytes_of_the_whole(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    plans = [compiled(text).require() for text in TEXTS[:5]]
    fields = ("open", "close", "quote_volume", "mark_open", "mark_close", "funding_rate")
    panel = world.lake.panel(DATASET, fields)
    evaluator = Evaluator(Kernels(KERNEL_CACHE))
    said: list[float] = []
    whole = dict(
        backtest_many(plans, panel, evaluator, lambda done, _all, _words: said.append(done))
    )
    parts = dict(backtest_many(plans, panel, evaluator, waiting_bytes=1))
    assert sorted(whole) == sorted(parts) == list(range(5))
    assert said == sorted(said)
    for place, plan in enumerate(plans):
        start, _ = span_of(plan)
        assert start is not None
        first = int(np.searchsorted(panel.times, start.timestamp()))
        alone = backtest(plan, panel.rows(first, panel.shape[0]), evaluator)
        texts = [metrics_text(f.metrics) for f in (whole[place], parts[place], alone)]  # type: ignore[union-attr]
        assert len(set(texts)) == 1


def test_C3_a_killed_batch_keeps_what_is_finished_and_goes_on_when_asked(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    stalling = STALLING.format(field="close")
    first = started(world, [*TEXTS[:2], stalling])
    ids = [run.run_id for _, run in world.runs.batches.runs(first.batch_id)]
    pipe = world.at_gate(ids[2])
    pid = int((tmp_path / "artifacts" / first.batch_id / "attempt-1" / "pid").read_text())
    os.killpg(pid, signal.SIGKILL)
    os.close(pipe)
    done = world.runs.batches.wait(first.batch_id, WAIT_SECONDS)
    states = [run.state for _, run in world.runs.batches.runs(done.batch_id)]
    assert states == [State.COMPLETED, State.COMPLETED, State.FAILED]
    assert world.experiments.trials(dataset=DATASET).trials == 3
    again = started(world, [*TEXTS[:2], stalling])
    assert again.batch_id == first.batch_id
    world.open_gate(ids[2])
    last = world.runs.batches.wait(first.batch_id, WAIT_SECONDS)
    assert last.state is State.COMPLETED
    attempts = [run.attempt for _, run in world.runs.batches.runs(last.batch_id)]
    assert attempts == [1, 1, 2]
    assert world.experiments.trials(dataset=DATASET).trials == 3


def test_C3_a_cancelled_batch_keeps_what_is_finished(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    batch = started(
        world, [TEXTS[0], *(STALLING.format(field=field) for field in ("close", "open"))]
    ).batch_id
    runs = [run for _, run in world.runs.batches.runs(batch)]
    os.close(world.at_gate(runs[1].run_id))
    # One may be taken out while the others go on.
    assert world.runs.cancel(runs[2].run_id).state is State.CANCELLED
    assert world.runs.show(runs[1].run_id).state is State.RUNNING
    assert world.runs.batches.cancel(batch).state is State.CANCELLED
    states = [run.state for _, run in world.runs.batches.runs(batch)]
    assert states == [State.COMPLETED, State.CANCELLED, State.CANCELLED]


def test_D4_a_batch_that_takes_too_long_fails_and_keeps_what_is_finished(tmp_path: Path) -> None:
    # Kernels that are still to be compiled would take the time away.
    assert ended(new_world(tmp_path / "warm"), TEXTS[:1]).state is State.COMPLETED
    world = new_world(tmp_path / "home", RunLimits(wall_seconds=8))
    done = ended(world, [TEXTS[0], STALLING.format(field="close")])
    first, second = (run for _, run in world.runs.batches.runs(done.batch_id))
    assert first.state is State.COMPLETED
    assert second.fault is not None
    assert second.fault.sentence() == "AF429: the run has used its wall time"


def test_variants_on_other_slices_of_data_have_workers_of_their_own(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    later = TEXTS[0].replace("2024-01-05 ..", "2024-01-06 ..")
    done = ended(world, [TEXTS[0], later, later])
    assert (done.state, done.counts) == (State.COMPLETED, {"completed": 2})
    workers = [run.batch_attempt for _, run in world.runs.batches.runs(done.batch_id)]
    assert workers == [1, 2]


def test_what_is_no_batch_says_so(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    with pytest.raises(InvalidInputError, match="0 variants"):
        started(world, [])
    with pytest.raises(NotFoundError, match="no batch `bat_none`"):
        world.runs.batches.show("bat_none")
