"""A home with a small market and a run service; as a program, the worker of its runs."""

import errno
import os
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from alphaforge.core.clock import SystemClock
from alphaforge.core.home import CACHE_BYTES, Home
from alphaforge.core.journal import Journal
from alphaforge.core.principals import Kind, Principal
from alphaforge.data.lake import Lake
from alphaforge.data.market import simulate_market
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.compile import Compilation, compile_text
from alphaforge.memory.experiments import Experiments
from alphaforge.runs.job import read_job
from alphaforge.runs.limits import RunLimits
from alphaforge.runs.service import Runs
from alphaforge.runs.states import ENDED
from alphaforge.runs.worker import work
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.run_ops.misbehaving import GATE_BYTES, HOMES, Brood, Hog, Spin, Stall

AGENT = Principal("agent:test", Kind.AGENT, sponsor="human:test")
DATASET = "small"
LOOK_SECONDS = 0.05


@cache
def catalogue() -> Catalogue:
    return Catalogue.builtin().with_pack("world", "1.0", (Stall, Brood, Spin, Hog), ())


def compiled(text: str) -> Compilation:
    return compile_text(text, catalogue())


@cache
def market() -> pa.Table:
    return simulate_market(7, instruments=6, bars=240)[0]


@dataclass(frozen=True)
class World:
    home: Home
    experiments: Experiments
    lake: Lake
    journal: Journal
    runs: Runs

    def at_gate(self, run_id: str) -> int:
        """Wait until a stalled run has come to the gate, and return the open pipe."""
        while True:
            try:
                return os.open(self.home.root / "gate", os.O_WRONLY | os.O_NONBLOCK)
            except OSError as error:
                if error.errno != errno.ENXIO:
                    raise
            view = self.runs.wait(run_id, LOOK_SECONDS)
            assert view.state not in ENDED, view.error

    def open_gate(self, run_id: str) -> None:
        """Let a stalled run go on."""
        pipe = self.at_gate(run_id)
        os.write(pipe, b"x" * GATE_BYTES)
        os.close(pipe)


def new_world(
    root: Path,
    limits: RunLimits | None = None,
    *,
    has_report: bool = False,
    cache_bytes: int = CACHE_BYTES,
) -> World:
    """Open a home, making what it lacks; a second world of one root is a second service."""
    home = Home(root, KERNEL_CACHE, cache_bytes).make()
    gate = root / "gate"
    if not gate.exists():
        os.mkfifo(gate)
    clock = SystemClock()
    lake = Lake(home.lake, clock)
    if not lake.cards():
        from alphaforge.data.card import Source

        lake.import_table(market(), DATASET, Source("test", is_synthetic=True))
    experiments = Experiments(home.control_db, clock)
    journal = Journal(home.journal_db, clock)
    runs = Runs(
        home=home,
        experiments=experiments,
        lake=lake,
        journal=journal,
        clock=clock,
        worker_command=(sys.executable, __file__),
        limits=limits,
        has_report=has_report,
    )
    return World(home, experiments, lake, journal, runs)


if __name__ == "__main__":
    job = Path(sys.argv[1])
    HOMES.append(Path(read_job(job).home))
    sys.exit(work(job, catalogue(), SystemClock()))
