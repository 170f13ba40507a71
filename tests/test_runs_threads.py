"""A run uses the cores it is given, and comes to the same figures on any count of them."""

from pathlib import Path

from alphaforge.runs.limits import RunLimits
from alphaforge.runs.states import State
from alphaforge.tests.run_world import AGENT, DATASET, compiled, new_world

SMOOTHED = "rank(-ema(returns(close, 24), 12))"
WAIT_SECONDS = 60


def test_a_run_has_its_share_of_the_cores_or_what_it_is_given() -> None:
    assert RunLimits(running_max=2).threads_of(8) == 4
    assert RunLimits(running_max=4).threads_of(2) == 1
    assert RunLimits(running_max=4, threads=3).threads_of(2) == 3


def test_the_count_of_threads_changes_no_figure_of_a_run(tmp_path: Path) -> None:
    found = []
    for threads in (1, 3):
        world = new_world(tmp_path / str(threads), RunLimits(threads=threads))
        view = world.runs.start(compiled(SMOOTHED), DATASET, AGENT)
        done = world.runs.wait(view.run_id, WAIT_SECONDS)
        assert done.state is State.COMPLETED, done.error
        found.append((done.run_id, done.metrics))
    assert found[0] == found[1]
