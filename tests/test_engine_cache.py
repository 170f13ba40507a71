"""The cache of sub-expressions: the same bytes, fewer kernels, and nothing that is damaged."""

import stat
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from alphaforge.core.panel import Panel
from alphaforge.dsl.compile import compile_text
from alphaforge.dsl.kernels import Kernel
from alphaforge.dsl.nodes import Node
from alphaforge.engine.cache import Cache, empty, facts_of
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
from alphaforge.runs.states import State
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.run_world import AGENT, World, catalogue, compiled, new_world
from alphaforge.tests.run_world import DATASET as SMALL
from alphaforge.tests.test_cli import alphaforge, answer
from alphaforge.tests.tool_lab import DATASET, home_at, import_market, lab_at

pytestmark = [pytest.mark.timeout(180)]

MEGABYTE = 1024**2
ENGINE = "eng_test"
FIRST = "rank(ts_median(close, 120h)) + ts_mean(volume, 5h)"
SECOND = "rank(ts_median(close, 120h)) - ts_mean(volume, 7h)"


class CountingKernels(Kernels):
    """Real kernels, and the names of those that were called, in their order."""

    def __init__(self) -> None:
        super().__init__(KERNEL_CACHE)
        self.called: list[str] = []

    def of(self, operator: type[Node]) -> Kernel:
        kernel = super().of(operator)

        def counted(*arguments: object) -> None:
            self.called.append(operator.name)
            kernel(*arguments)

        return counted


def panel(seed: int = 1, first_bar: int = 0) -> Panel:
    rng = np.random.default_rng(seed)
    shape = (300, 12)
    values = {
        name: np.exp(rng.standard_normal(shape).cumsum(axis=0)) for name in ("close", "volume")
    }
    times = np.arange(shape[0], dtype=np.int64) * 3600
    names = tuple(f"S{place:02d}USDT" for place in range(shape[1]))
    return Panel("p", "snap", 3600, times, names, values, first_bar)


def signal(text: str) -> Node:
    return compile_text(text, catalogue()).require().signal


def evaluated(
    folder: Path,
    text: str,
    *,
    on: Panel | None = None,
    mask: "np.typing.NDArray[np.bool_] | None" = None,
    engine: str = ENGINE,
) -> tuple[list[str], bytes]:
    """Evaluate in a cache opened anew, as by another process; name the kernels called."""
    kernels = CountingKernels()
    with Cache(folder, 64 * MEGABYTE, engine=engine) as cache:
        (values,) = Evaluator(kernels, memory=cache).evaluate([signal(text)], on or panel(), mask)
    return kernels.called, values.tobytes()


def plain(text: str, on: Panel | None = None) -> bytes:
    return Evaluator(Kernels(KERNEL_CACHE)).evaluate([signal(text)], on or panel())[0].tobytes()


def test_C2_a_second_strategy_pays_only_for_what_is_new(tmp_path: Path) -> None:
    first, values = evaluated(tmp_path, FIRST)
    assert {"rank", "ts_median", "ts_mean"} <= set(first)
    assert values == plain(FIRST)
    second, others = evaluated(tmp_path, SECOND)
    assert others == plain(SECOND)
    assert "ts_mean" in second
    # A rank of twelve names costs less than reading it back.
    assert "ts_median" not in second
    again, same = evaluated(tmp_path, FIRST)
    assert same == values
    assert len(again) < len(first)
    assert facts_of(tmp_path)["hits"] >= 1
    files = list(tmp_path.glob("*.arrow"))
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_C1_whatever_the_values_hang_on_is_in_their_name(tmp_path: Path) -> None:
    evaluated(tmp_path, FIRST)
    mask = np.ones((300, 12), dtype=np.bool_)
    mask[:, :3] = False
    assert "ts_median" in evaluated(tmp_path, FIRST, on=panel(seed=2))[0]
    assert "ts_median" in evaluated(tmp_path, FIRST, on=panel(first_bar=7))[0]
    assert "ts_median" in evaluated(tmp_path, FIRST, engine="eng_other")[0]
    asked, _ = evaluated(tmp_path, FIRST, mask=mask)
    # Along time nobody else matters: that part is found, the rank among members is not.
    assert "rank" in asked
    assert "ts_median" not in asked


def test_C1_what_is_torn_or_altered_is_computed_again(tmp_path: Path) -> None:
    evaluated(tmp_path, FIRST)
    for change in (lambda data: data[: len(data) // 2], lambda data: data[:0], _flipped):
        for path in tmp_path.glob("*.arrow"):
            path.write_bytes(change(path.read_bytes()))
        asked, values = evaluated(tmp_path, FIRST)
        assert "ts_median" in asked
        assert values == plain(FIRST)
    assert facts_of(tmp_path)["damaged"] >= 3


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]


def test_the_folder_keeps_to_its_bound_and_lets_the_oldest_go(tmp_path: Path) -> None:
    on = panel()
    with Cache(tmp_path, 0, engine=ENGINE) as off:
        Evaluator(Kernels(KERNEL_CACHE), memory=off).evaluate([signal(FIRST)], on)
    assert not list(tmp_path.glob("*.arrow"))
    bound = 10 * on.fields["close"].nbytes
    for bars in range(120, 140):
        with Cache(tmp_path, bound, engine=ENGINE) as cache:
            Evaluator(Kernels(KERNEL_CACHE), memory=cache).evaluate(
                [signal(f"ts_median(close, {bars}h)")], on
            )
    facts = facts_of(tmp_path)
    assert 0 < facts["bytes"] <= bound
    assert facts["evicted"] > 0
    assert empty(tmp_path) == facts["files"]
    assert facts_of(tmp_path)["bytes"] == facts_of(tmp_path)["hits"] == 0


def ran(world: World, text: str) -> tuple[str, str, dict[str, bytes]]:
    """Run a strategy to its end; return its id, its metrics and the bytes of its artifacts."""
    view = world.runs.start(compiled(text), SMALL, AGENT)
    done = world.runs.wait(view.run_id, 90)
    assert done.state is State.COMPLETED, done.error
    files = {name: world.runs.artifact(done.run_id, name).read_bytes() for name in done.artifacts}
    return done.run_id, done.metrics_text, files


def test_C1_a_run_has_the_same_bytes_with_the_cache_and_without(tmp_path: Path) -> None:
    cached, plain_ = new_world(tmp_path / "cached"), new_world(tmp_path / "off", cache_bytes=0)
    first, second = (f"strategy held {{ signal fill({text}, 0) }}" for text in (FIRST, SECOND))
    ran(cached, first)
    left = [ran(world, second) for world in (cached, plain_)]
    assert left[0] == left[1]
    assert left[0][2].keys() >= {"metrics.json", "series.npz"}
    # The second run of the first home found what the first one left.
    assert facts_of(cached.home.cache)["hits"] >= 1
    assert not plain_.home.cache.exists()


def test_eval_and_runs_use_it_and_a_command_empties_it(tmp_path: Path) -> None:
    root = tmp_path / "home"
    home_at(root).make()
    lab = lab_at(root)
    import_market(lab)
    for store in (lab.experiments, lab.runs, lab.approvals, lab.deployments, lab.journal):
        store.close()
    words = ("eval", "-e", FIRST, "--dataset", DATASET, "--out")
    for name in ("one", "two"):
        answer(root, *words, str(tmp_path / f"{name}.parquet"))
    one, two = (pl.read_parquet(tmp_path / f"{name}.parquet") for name in ("one", "two"))
    assert one.equals(two)
    facts = answer(root, "cache")
    assert facts["files"] > 0
    assert facts["hits"] > 0
    assert answer(root, "doctor")["cache"]["hits"] == facts["hits"]
    warm = answer(
        root, "run", "-e", "rank(fill(ts_median(close, 120h), 0.5))", "--dataset", DATASET
    )
    assert answer(root, "cache")["misses"] + answer(root, "cache")["hits"] > facts["hits"]
    assert answer(root, "cache", "--empty")["files"] == 0
    assert warm["state"] == "completed"
    assert alphaforge(root, "cache")[0] == 0
