"""Runs through the service, with real worker processes."""

import dataclasses
import json
import os
import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from alphaforge.core.errors import InvalidInputError, LimitError, NotFoundError
from alphaforge.data.card import Source
from alphaforge.engine.backtest import backtest
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.memory.experiment import ExperimentKind
from alphaforge.memory.filters import Filters
from alphaforge.runs.limits import RunLimits
from alphaforge.runs.states import ENDED, State
from alphaforge.runs.view import RunView
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.run_world import AGENT, DATASET, World, compiled, market, new_world

pytestmark = [pytest.mark.timeout(180)]

WAIT_SECONDS = 90
START_MS = 1_704_067_200_000  # 2024-01-01, the market's first bar
REVERSAL = "rank(-returns(close, 24))"


def finished(world: World, text: str) -> RunView:
    view = world.runs.start(compiled(text), DATASET, AGENT)
    done = world.runs.wait(view.run_id, WAIT_SECONDS)
    if done.state not in ENDED:
        world.runs.cancel(view.run_id)
        pytest.fail(f"the run did not end: {done}")
    return done


def test_a_finished_run_is_answered_from_memory_with_the_same_bytes(tmp_path: Path) -> None:
    world = new_world(tmp_path, has_report=True)
    said: list[tuple[float, str]] = []

    first = world.runs.start(compiled(REVERSAL), DATASET, AGENT)
    done = world.runs.wait(
        first.run_id, WAIT_SECONDS, lambda share, _, message: said.append((share, message))
    )
    again = world.runs.start(compiled("rank( - returns(close,24h) )"), DATASET, AGENT)
    elsewhere = new_world(tmp_path).runs.show(first.run_id)

    assert done.state is State.COMPLETED
    assert not done.is_from_memory
    assert again.is_from_memory
    assert (again.run_id, again.attempt) == (first.run_id, 1)
    assert again.metrics_text == done.metrics_text == elsewhere.metrics_text
    assert world.runs.artifact(done.run_id, "metrics.json").read_text() == done.metrics_text
    assert done.metrics["bars"] is not None
    assert said[-1] == (1.0, "completed")
    assert [share for share, _ in said] == sorted(share for share, _ in said)
    for name in ("series.npz", "report.html", "report.png"):
        assert world.runs.artifact(done.run_id, name).stat().st_size > 1_000
    series = world.runs.returns(world.experiments.get(done.experiment_id))
    assert series is not None
    assert len(series.values) == done.metrics["bars"]


GAPPY = """strategy gappy {
  data gappy bar 1h
  universe all, min_history 40h
  signal returns(close, 2h)
  backtest 2024-01-05 .. 2024-01-07
}
"""


def test_a_run_of_a_window_counts_the_history_that_it_does_not_load(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    table = market()
    hours = (pc.cast(table["ts"], pa.int64()).to_numpy() - START_MS) // 3_600_000
    # Two names lack bars just before the window, and have enough of them before that.
    is_gap = (hours >= 80) & (hours < 90)
    is_gap &= pc.is_in(table["symbol"], pa.array(["SIM00USDT", "SIM01USDT"])).to_numpy()
    world.lake.import_table(
        table.filter(pa.array(~is_gap)), "gappy", Source("test", is_synthetic=True)
    )
    view = world.runs.start(compiled(GAPPY), "gappy", AGENT)
    done = world.runs.wait(view.run_id, WAIT_SECONDS)
    assert done.state is State.COMPLETED, done.error
    whole = world.lake.panel("gappy", ["open", "close", "mark_open", "mark_close", "funding_rate"])
    plan = compiled(GAPPY).require()
    expected = backtest(plan, whole, Evaluator(Kernels(KERNEL_CACHE)))
    assert done.metrics["total_return"] == expected.metrics["total_return"]
    assert done.metrics["trades"] == expected.metrics["trades"]


def test_a_finished_run_is_one_experiment_one_trial_and_one_journal_entry(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    done = finished(world, REVERSAL)
    world.runs.start(compiled(REVERSAL), DATASET, AGENT)
    new_world(tmp_path).runs.list()

    experiment = world.experiments.get(done.experiment_id)
    assert experiment.state == "completed"
    assert experiment.metrics == done.metrics
    assert (experiment.author, experiment.run_id) == (AGENT.id, done.run_id)
    assert experiment.operators == ("neg", "rank", "returns")
    assert world.experiments.trials(dataset=DATASET).trials == 1
    entries = world.journal.entries(kind="run.completed")
    assert [entry.body["run_id"] for entry in entries] == [done.run_id]
    assert world.experiments.by_run_fingerprint(done.run_fingerprint) == experiment


def test_a_failure_that_would_come_again_is_remembered_and_is_a_trial(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    done = finished(world, "rank(ts_mean(close, 1000))")
    again = world.runs.start(compiled("rank(ts_mean(close, 1000))"), DATASET, AGENT)

    assert done.state is State.FAILED
    assert "no value at any" in done.error
    assert again.is_from_memory
    assert again.attempt == 1
    assert world.experiments.get(done.experiment_id).error == done.error
    assert world.experiments.trials(dataset=DATASET).trials == 1


def test_D4_a_run_over_the_budget_is_refused_with_its_estimate(tmp_path: Path) -> None:
    limits = RunLimits(cells_max=1_000)
    world = new_world(tmp_path, limits)

    with pytest.raises(LimitError, match=r"264 bars x 6 instruments x 4 nodes = 6\.34e\+03 cells"):
        world.runs.start(compiled(REVERSAL), DATASET, AGENT)

    refusals = Filters(kinds=(ExperimentKind.REFUSAL,))
    (record,) = world.experiments.page(refusals, sort="recent", limit=9)
    assert record.error.startswith("AF429: the run needs 264 bars")
    assert world.experiments.trials().trials == 0
    assert not world.runs.list().runs


@pytest.mark.parametrize(("mean", "rows"), [("ts_mean", 24 + 11), ("ema", 240 + 11)])
def test_D4_what_remembers_all_of_the_past_costs_all_of_it(
    mean: str, rows: int, tmp_path: Path
) -> None:
    world = new_world(tmp_path, RunLimits(cells_max=1_000))
    signal = f"rank(close / {mean}(close, 12))"
    text = f"strategy s {{ data small bar 1h; signal {signal}; backtest 2024-01-05 .. 2024-01-05 }}"
    with pytest.raises(LimitError, match=f"needs {rows} bars x"):
        world.runs.start(compiled(text), DATASET, AGENT)
    done = finished(new_world(tmp_path), text)
    assert (done.state, done.metrics["bars"]) == (State.COMPLETED, 24)


def test_D4_long_windows_alone_take_a_run_over_the_budget(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(work_max=30_000))
    short, long = (f"rank(ts_mad(returns(close), {bars}))" for bars in (3, 90))

    with pytest.raises(LimitError, match=r"about [0-9.e-]+ s and .* the budget is 3e-05 s"):
        world.runs.start(compiled(long), DATASET, AGENT)
    assert world.runs.start(compiled(short), DATASET, AGENT).run_id


def test_D4_a_run_that_takes_too_much_memory_fails_and_says_so(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(memory_bytes=1_000_000_000))
    done = finished(world, "rank(hog(close))")
    assert done.state is State.FAILED
    assert done.error == "AF429: the run needs more memory than it may use"


def test_D4_a_run_that_takes_too_long_fails_and_says_so(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(wall_seconds=6))
    # Nobody opens the gate.
    done = finished(world, "rank(stall(close))")
    assert done.error == "AF429: the run has used its wall time"


def test_D4_a_run_that_uses_up_its_processor_time_fails_and_says_so(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(cpu_seconds=3))
    done = finished(world, "rank(spin(close))")
    assert done.error == "AF429: the run has used its processor time"


@pytest.mark.parametrize(
    ("text", "dataset", "said"),
    [
        (REVERSAL, "", "no dataset is named"),
        (REVERSAL, "smal", "there is no dataset `smal`"),
        ("strategy s { data small bar 4h\n signal rank(close) }", "", "bars of 4h"),
        (
            "strategy s { data small bar 1h\n signal close\n backtest 2019-01-01 .. 2019-02-01 }",
            "",
            "holds no bar",
        ),
    ],
    ids=["no name", "wrong name", "other bar", "outside"],
)
def test_data_that_does_not_suit_is_refused_before_a_worker_starts(
    tmp_path: Path, text: str, dataset: str, said: str
) -> None:
    world = new_world(tmp_path)
    with pytest.raises((InvalidInputError, NotFoundError), match=said):
        world.runs.start(compiled(text), dataset, AGENT)
    assert not list(world.home.artifacts.iterdir())


def test_I6_runs_of_another_tenant_do_not_exist(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    other = dataclasses.replace(AGENT, tenant="other")
    mine = world.runs.start(compiled(REVERSAL), DATASET, AGENT)
    theirs = world.runs.start(compiled(REVERSAL), DATASET, other)

    assert mine.run_id != theirs.run_id
    for ask in (world.runs.show, world.runs.cancel, world.runs.logs):
        with pytest.raises(NotFoundError, match="there is no run"):
            ask(theirs.run_id, AGENT.tenant)
    assert [view.run_id for view in world.runs.list().runs] == [mine.run_id]
    world.runs.cancel(mine.run_id)
    world.runs.cancel(theirs.run_id, "other")


def test_runs_beyond_the_places_wait_their_turn(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(running_max=1))
    first = world.runs.start(compiled("rank(stall(close))"), DATASET, AGENT)
    second = world.runs.start(compiled("rank(stall(open))"), DATASET, AGENT)
    third = world.runs.start(compiled("rank(stall(high))"), DATASET, AGENT)

    assert (first.state, second.state, third.state) == (State.RUNNING, State.QUEUED, State.QUEUED)
    assert (second.message, third.message) == ("queued behind 0", "queued behind 1")
    assert world.runs.cancel(second.run_id).state is State.CANCELLED
    assert world.runs.cancel(first.run_id).state is State.CANCELLED
    assert world.runs.show(third.run_id).state is State.RUNNING
    world.runs.cancel(third.run_id)
    # What was withdrawn before it met data is no trial.
    assert world.experiments.trials().trials == 2


def test_two_services_asked_at_once_start_one_worker(tmp_path: Path) -> None:
    worlds = [new_world(tmp_path), new_world(tmp_path)]
    text = compiled("rank(stall(close))")
    ready = threading.Barrier(len(worlds))
    views: list[RunView] = []

    def ask(world: World) -> None:
        ready.wait()
        views.append(world.runs.start(text, DATASET, AGENT))

    threads = [threading.Thread(target=ask, args=(world,)) for world in worlds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({view.run_id for view in views}) == 1
    worlds[0].open_gate(views[0].run_id)
    done = worlds[0].runs.wait(views[0].run_id, WAIT_SECONDS)
    assert (done.state, done.attempt) == (State.COMPLETED, 1)
    folder = worlds[0].home.artifacts / done.run_id
    assert [path.name for path in folder.glob("attempt-*")] == ["attempt-1"]


def test_a_worker_inherits_no_secret_and_leaves_nothing_readable_for_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VENUE_SECRET", "open-sesame")
    world = new_world(tmp_path)
    view = world.runs.start(compiled("rank(stall(close))"), DATASET, AGENT)
    folder = world.home.artifacts / view.run_id
    pid = int((folder / "attempt-1" / "pid").read_text())
    environment = Path(f"/proc/{pid}/environ").read_bytes()
    world.runs.cancel(view.run_id)

    assert b"HOME=" in environment
    assert b"open-sesame" not in environment
    assert folder.stat().st_mode & 0o077 == 0


def test_the_job_file_says_the_whole_run(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    view = world.runs.start(compiled("rank(stall(close))"), DATASET, AGENT)
    job = json.loads((world.home.artifacts / view.run_id / "attempt-1" / "job.json").read_text())
    world.runs.cancel(view.run_id)

    assert job["snapshot"] == view.snapshot
    assert job["text"] == "rank(stall(close))"
    assert job["trials"]["trials"] == 1
    assert os.path.isabs(job["lake"])  # noqa: PTH117


def test_runs_are_listed_in_pages_newest_first(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(running_max=1))
    texts = ("rank(stall(close))", "rank(stall(open))", "rank(stall(low))")
    ids = [world.runs.start(compiled(text), DATASET, AGENT).run_id for text in texts]

    first = world.runs.list(limit=2)
    rest = world.runs.list(limit=2, cursor=first.next_cursor)
    assert [view.run_id for view in (*first.runs, *rest.runs)] == ids[::-1]
    assert rest.next_cursor == ""
    assert [view.run_id for view in world.runs.list(state="running").runs] == ids[:1]
    assert world.runs.started_last_hour(AGENT) == 3
    with pytest.raises(InvalidInputError, match="there is no state `queue`"):
        world.runs.list(state="queue")
    for run_id in reversed(ids):
        world.runs.cancel(run_id)
