"""Nothing acknowledged is lost when a worker or a service is killed at any moment."""

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from alphaforge.core.errors import ImpossibleMoveError
from alphaforge.runs.limits import RunLimits
from alphaforge.runs.record import Run
from alphaforge.runs.states import ENDED, MOVES, State, check_move
from alphaforge.runs.store import RunStore
from alphaforge.runs.view import RunView
from alphaforge.tests.run_world import AGENT, DATASET, World, compiled, new_world

pytestmark = [pytest.mark.timeout(180)]

WAIT_SECONDS = 90
STALLED = "rank(stall(close))"
# A server of its own: starts one run, says its id, and stays until it is killed.
SERVER = """
import sys
from pathlib import Path
from alphaforge.tests.run_world import AGENT, DATASET, compiled, new_world
world = new_world(Path(sys.argv[1]))
print(world.runs.start(compiled(sys.argv[2]), DATASET, AGENT).run_id, flush=True)
sys.stdin.read()
"""


def pid_of(world: World, view: RunView) -> int:
    folder = world.home.artifacts / view.run_id / f"attempt-{view.attempt}"
    return int((folder / "pid").read_text())


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def stored(world: World, run_id: str) -> Run:
    found = RunStore(world.home.control_db).get(run_id)
    assert found is not None
    return found


def test_a_killed_worker_is_a_failed_run_and_the_next_start_a_new_attempt(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    view = world.runs.start(compiled(STALLED), DATASET, AGENT)
    os.kill(pid_of(world, view), signal.SIGKILL)
    failed = world.runs.wait(view.run_id, WAIT_SECONDS)

    assert failed.state is State.FAILED
    assert failed.error == "AF500: the worker died, without a word: it was killed"
    assert world.experiments.get(failed.experiment_id).state == "failed"

    again = world.runs.start(compiled(STALLED), DATASET, AGENT)
    assert (again.run_id, again.state, again.attempt) == (view.run_id, State.RUNNING, 2)
    world.open_gate(view.run_id)
    done = world.runs.wait(view.run_id, WAIT_SECONDS)
    assert done.state is State.COMPLETED
    assert world.experiments.get(done.experiment_id).metrics == done.metrics
    assert world.experiments.trials().trials == 1


def test_attempts_after_deaths_are_bounded(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(attempts_max=2))
    for attempt in (1, 2):
        view = world.runs.start(compiled(STALLED), DATASET, AGENT)
        assert (view.state, view.attempt) == (State.RUNNING, attempt)
        os.kill(pid_of(world, view), signal.SIGKILL)
        world.runs.wait(view.run_id, WAIT_SECONDS)
    last = world.runs.start(compiled(STALLED), DATASET, AGENT)
    assert (last.state, last.attempt, last.is_from_memory) == (State.FAILED, 2, True)


def test_the_last_words_of_a_worker_are_its_error_without_paths(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    script = tmp_path / "dying.py"
    script.write_text("import sys\nsys.exit('no such thing as /etc/secret/place here')\n")
    keeper = replace(world.runs._keeper, command=(sys.executable, str(script)))
    world.runs._keeper = keeper
    view = world.runs.start(compiled(STALLED), DATASET, AGENT)
    done = world.runs.wait(view.run_id, WAIT_SECONDS)
    assert done.error == "AF500: the worker died, its last words: `no such thing as place here`"
    assert "no such thing as" in world.runs.logs(view.run_id)


def test_a_killed_server_leaves_its_worker_to_the_next_one(tmp_path: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path), STALLED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with server:
        assert server.stdout is not None
        run_id = server.stdout.readline().strip()
        server.kill()
    world = new_world(tmp_path)
    seen = world.runs.show(run_id)
    assert (seen.state, seen.attempt) == (State.RUNNING, 1)

    # It finishes while no server is there; whoever looks next finds the result.
    world.open_gate(run_id)
    lifeline = world.home.artifacts / run_id / "alive.lock"
    subprocess.run(["flock", "--shared", str(lifeline), "true"], check=True, timeout=WAIT_SECONDS)
    done = new_world(tmp_path).runs.show(run_id)
    assert (done.state, done.attempt) == (State.COMPLETED, 1)
    assert world.experiments.get(done.experiment_id).metrics == done.metrics


@pytest.mark.parametrize("has_folder", [False, True], ids=["before the folder", "before the start"])
def test_a_server_that_died_before_the_worker_was_born_loses_nothing(
    tmp_path: Path, *, has_folder: bool
) -> None:
    world = new_world(tmp_path, RunLimits(running_max=1))
    blocker = world.runs.start(compiled("rank(stall(open))"), DATASET, AGENT)
    waiting = world.runs.start(compiled(STALLED), DATASET, AGENT)
    assert waiting.state is State.QUEUED
    # The moment in which that server dies: the move is made, the worker is not started.
    store = RunStore(world.home.control_db)
    store.move(replace(stored(world, waiting.run_id), state=State.RUNNING, attempt=1))
    if has_folder:
        (world.home.artifacts / waiting.run_id / "attempt-1").mkdir(parents=True, exist_ok=True)

    world.runs.cancel(blocker.run_id)
    found = world.runs.show(waiting.run_id)
    assert (found.state, found.attempt) == (State.RUNNING, 2)
    world.open_gate(waiting.run_id)
    assert world.runs.wait(waiting.run_id, WAIT_SECONDS).state is State.COMPLETED


def test_a_result_written_before_its_server_died_is_recorded_by_the_next_one(
    tmp_path: Path,
) -> None:
    world = new_world(tmp_path)
    view = world.runs.start(compiled(STALLED), DATASET, AGENT)
    world.open_gate(view.run_id)
    done = world.runs.wait(view.run_id, WAIT_SECONDS)
    before = world.experiments.get(done.experiment_id)
    # Back to the moment in which the experiment is recorded and the run is not moved yet.
    store = RunStore(world.home.control_db)
    store._connection.execute(
        "UPDATE runs SET state = 'running', metrics = '{}' WHERE run_id = ?", (view.run_id,)
    )
    again = new_world(tmp_path).runs.show(view.run_id)
    assert again.metrics_text == done.metrics_text
    assert world.experiments.get(done.experiment_id) == before
    assert world.experiments.trials().trials == 1


def test_cancel_ends_the_worker_and_all_its_children_at_once(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    view = world.runs.start(compiled("rank(brood(close))"), DATASET, AGENT)
    pid = pid_of(world, view)
    # When the worker reads from the pipe, its child is there.
    pipe = world.at_gate(view.run_id)
    child = int((tmp_path / "child").read_text())
    assert os.getpgid(pid) == os.getpgid(child) == pid
    cancelled = world.runs.cancel(view.run_id)
    os.close(pipe)

    assert cancelled.state is State.CANCELLED
    assert is_gone(child)
    assert not world.runs._keeper.folder(stored(world, view.run_id)).is_alive()
    assert world.runs.cancel(view.run_id) == cancelled
    assert world.experiments.get(view.experiment_id).state == "cancelled"
    again = world.runs.start(compiled("rank(brood(close))"), DATASET, AGENT)
    assert (again.run_id, again.state, again.attempt) == (view.run_id, State.RUNNING, 2)
    world.runs.cancel(view.run_id)


def test_a_cancel_cut_off_by_a_crash_is_done_by_the_next_look(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    view = world.runs.start(compiled(STALLED), DATASET, AGENT)
    # The canceller dies after it has left its word, before it has killed.
    world.runs._keeper.folder(stored(world, view.run_id)).attempt(1).ask_to_stop()
    assert new_world(tmp_path).runs.show(view.run_id).state is State.CANCELLED


def test_a_wait_that_is_given_up_leaves_the_run_running(tmp_path: Path) -> None:
    world = new_world(tmp_path)
    view = world.runs.start(compiled(STALLED), DATASET, AGENT)
    seen = world.runs.wait(view.run_id, WAIT_SECONDS, cancelled=lambda: True)
    assert seen.state is State.RUNNING
    assert world.runs.wait(view.run_id, 0.05).state is State.RUNNING
    world.runs.cancel(view.run_id)


def test_a_worker_that_reads_the_text_otherwise_refuses_the_run(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(running_max=1))
    blocker = world.runs.start(compiled("rank(stall(open))"), DATASET, AGENT)
    view = world.runs.start(compiled("rank(close)"), DATASET, AGENT)
    run = stored(world, view.run_id)
    other = replace(run.prepared, strategy_fingerprint="str_of_another_catalogue")
    RunStore(world.home.control_db).move(replace(run, prepared=other, state=State.CANCELLED))
    world.runs.cancel(blocker.run_id)
    world.runs.start(compiled("rank(close)"), DATASET, AGENT)
    done = world.runs.wait(view.run_id, WAIT_SECONDS)
    assert "reads the text otherwise" in done.error


def test_states_move_by_the_table_alone() -> None:
    for state in State:
        for to in State:
            if to in MOVES[state]:
                check_move(state, to)
            else:
                with pytest.raises(ImpossibleMoveError, match=f"`{state}` to `{to}`"):
                    check_move(state, to)
    assert MOVES[State.COMPLETED] == set()
    assert {state for state in State if State.RUNNING in MOVES[state]} == {State.QUEUED}
    assert {State.COMPLETED, State.FAILED, State.CANCELLED} == ENDED


def test_a_move_from_a_stale_version_does_nothing(tmp_path: Path) -> None:
    world = new_world(tmp_path, RunLimits(running_max=1))
    world.runs.start(compiled("rank(stall(open))"), DATASET, AGENT)
    view = world.runs.start(compiled(STALLED), DATASET, AGENT)
    store = RunStore(world.home.control_db)
    old = stored(world, view.run_id)
    moved = store.move(replace(old, state=State.CANCELLED))
    assert moved is not None
    assert moved.version == old.version + 1
    assert store.move(replace(old, state=State.RUNNING)) is None
    assert stored(world, view.run_id).state is State.CANCELLED
    for run in world.runs.list().runs:
        world.runs.cancel(run.run_id)
