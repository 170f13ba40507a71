"""A lab for the tests of tools, server and evals: a small simulated market and two runs on it."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from alphaforge.core.clock import Clock
from alphaforge.core.home import Home
from alphaforge.core.ids import Ids
from alphaforge.core.principals import Kind, Principal
from alphaforge.runs.service import Runs
from alphaforge.server.compose import WORKER, open_lab
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tools.door import call_tool
from alphaforge.tools.errors import ToolAnswer
from alphaforge.tools.lab import Lab

AGENT = Principal(
    id="agent:tester", kind=Kind.AGENT, roles=frozenset({"agent"}), sponsor="human:tester"
)
STRANGER = replace(AGENT, id="agent:stranger", sponsor="human:stranger", tenant="elsewhere")
DATASET = "sim"
SEED = 7
FIRST = "rank(-returns(close, 24h))"
SECOND = "rank(-returns(close, 36h))"
LIMITS = {
    "capital": "10000",
    "max_order_notional": "2500",
    "max_gross": "12000",
    "max_leverage": "2",
    "max_daily_loss": "500",
    "max_drawdown": "0.2",
}


@dataclass(frozen=True, slots=True)
class Filled:
    """A home with a data set and two completed runs."""

    root: Path
    first: Mapping[str, Any]
    second: Mapping[str, Any]


def home_at(root: Path) -> Home:
    """Name a home whose compiled kernels are those of all tests."""
    return Home(root, KERNEL_CACHE)


def lab_at(root: Path, clock: Clock | None = None, ids: Ids | None = None) -> Lab:
    """Open a lab whose runs draw no tear sheet: that takes longer than the run."""
    home = home_at(root)
    lab = open_lab(home, clock, ids)
    runs = Runs(
        home=home,
        experiments=lab.experiments,
        lake=lab.lake,
        journal=lab.journal,
        clock=lab.clock,
        worker_command=WORKER,
        has_report=False,
    )
    return replace(lab, runs=runs)


def import_market(lab: Lab, name: str = DATASET) -> None:
    """Bring a small simulated market into the lake."""
    from alphaforge.data.market import simulate_market

    table, truth = simulate_market(SEED, instruments=8, bars=800)
    lab.lake.import_table(table, name, truth.source())


def environment() -> dict[str, str]:
    """Return what a server process of the tests gets: the kernels of all tests."""
    return {**os.environ, "ALPHAFORGE_KERNELS": str(KERNEL_CACHE)}  # noqa: TID251


def ask(lab: Lab, tool: str, principal: Principal = AGENT, **arguments: object) -> ToolAnswer:
    """Call a tool as the agent."""
    return call_tool(lab, tool, arguments, principal=principal)


def fields(lab: Lab, tool: str, **arguments: object) -> dict[str, Any]:
    """Call a tool that must succeed, and return its fields."""
    answer = call_tool(lab, tool, arguments, principal=AGENT)
    assert not answer.is_error, answer.fields
    return answer.fields


@cache
def filled() -> Filled:
    """Make the home once a test process; nobody writes to it."""
    root = Path(tempfile.mkdtemp(prefix="alphaforge-test-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    lab = lab_at(root)
    import_market(lab)
    first, second = (
        fields(lab, "run", text=text, dataset=DATASET, wait_s=120) for text in (FIRST, SECOND)
    )
    assert first["state"] == second["state"] == "completed", (first, second)
    for store in (lab.experiments, lab.runs, lab.approvals, lab.deployments, lab.journal):
        store.close()
    return Filled(root, first, second)


@cache
def shared() -> Lab:
    """Open a copy of the filled home for tests that only read."""
    folder = Path(tempfile.mkdtemp(prefix="alphaforge-test-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return copied(folder)[0]


def copied(folder: Path) -> tuple[Lab, Filled]:
    """Open a copy of the filled home, to be written to."""
    home = filled()
    root = folder / "home"
    shutil.copytree(home.root, root)
    return lab_at(root), replace(home, root=root)
