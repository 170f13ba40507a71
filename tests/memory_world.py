"""Experiments made from texts, as runs would leave them."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from alphaforge.core.clock import SteppedClock
from alphaforge.core.ids import derived_id
from alphaforge.core.principals import Kind, Principal
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.compile import Compilation, compile_text
from alphaforge.memory.experiment import Experiment, ExperimentKind
from alphaforge.memory.experiments import Experiments
from alphaforge.memory.records import described

AGENT = Principal("agent:test", Kind.AGENT, sponsor="human:test")
START = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def catalogue() -> Catalogue:
    return Catalogue.builtin()


def compiled(text: str) -> Compilation:
    made = compile_text(text, catalogue())
    assert made.is_ok, made.diagnostics
    return made


def store(root: Path) -> Experiments:
    clock = SteppedClock(START, timedelta(minutes=1))
    return Experiments(root / "control.db", clock)


def tried(
    text: str,
    sharpe: float | None = 1.0,
    *,
    dataset: str = "perps",
    snapshot: str = "snap_1",
    window: str = "all",
    state: str = "completed",
    principal: Principal = AGENT,
    metrics: Mapping[str, float] | None = None,
    **changes: object,
) -> Experiment:
    """Return the experiment that a run of the text would have left."""
    made = compiled(text)
    fingerprint = f"{made.strategy_fingerprint}/{snapshot}/{window}"
    facts = described(made, principal) | {"dataset": dataset}
    plain = {"bars": 1_000.0, "skew": 0.0, "kurtosis": 3.0}
    found = Experiment(
        id=derived_id("exp", principal.tenant, fingerprint),
        kind=ExperimentKind.RUN,
        state=state,
        run_fingerprint=fingerprint,
        snapshot=snapshot,
        window=window,
        engine="eng_1",
        metrics={} if sharpe is None else {**plain, "sharpe": sharpe, **(metrics or {})},
        **facts,
    )
    return replace(found, **changes)  # type: ignore[arg-type]


def together(code: str, root: Path) -> None:
    """Run code in two processes that start at one moment, once both have said `ready`."""
    command = [sys.executable, "-W", "error", "-c", code, str(root)]
    pipe = subprocess.PIPE
    writers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
