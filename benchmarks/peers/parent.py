"""The side of a benchmark that speaks with a child in the peers' virtual environment."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alphaforge.core.panel import Panel

HERE = Path(__file__).resolve().parent
PYTHON = HERE.parent.parent / ".venv-peers" / "bin" / "python"
CACHE = HERE.parent.parent / ".pytest_cache" / "kernels"
THREADS = ("OMP", "OPENBLAS", "MKL", "NUMBA", "NUMEXPR", "POLARS_MAX", "RAYON")

Matrix = NDArray[np.float64]


def one_core() -> None:
    """Keep this process and its children on one core and to one thread."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    for name in THREADS:
        # A child takes the limits of its threads from here alone.
        os.environ[f"{name}_THREADS" if name == "POLARS_MAX" else f"{name}_NUM_THREADS"] = "1"  # noqa: TID251


def bars(rows: int, columns: int, missing: float = 0.0005) -> dict[str, Matrix]:
    """Make bars of a walk, ``[time, instrument]``, a share of them missing."""
    rng = np.random.default_rng(1)
    shape = (rows, columns)
    close = 50.0 * np.exp(0.01 * rng.standard_normal(shape).cumsum(axis=0))
    begin = close * np.exp(0.003 * rng.standard_normal(shape))
    span = np.exp(0.004 * np.abs(rng.standard_normal(shape)))
    volume = np.exp(rng.standard_normal(shape))
    high, low = np.maximum(begin, close) * span, np.minimum(begin, close) / span
    vwap = (high + low + close) / 3
    found = {
        "open": begin,
        "high": high,
        "low": low,
        "close": close,
        "vwap": vwap,
        "volume": volume,
        "quote_volume": vwap * volume,
    }
    holes = rng.random(shape) < missing
    for values in found.values():
        values[holes] = np.nan
    return found


def panel_of(fields: Mapping[str, Matrix]) -> Panel:
    """Make a panel of hours."""
    rows, columns = next(iter(fields.values())).shape
    return Panel(
        dataset="bench",
        snapshot="bench",
        bar_seconds=3600,
        times=np.arange(rows) * 3600,
        symbols=tuple(f"S{number:04d}" for number in range(columns)),
        fields=dict(fields),
    )


def save(fields: Mapping[str, Matrix], folder: Path) -> None:
    """Write the fields for the child, ``[instrument, time]``."""
    for name, values in fields.items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(values.T))


class Child:
    """A script of the peers: a line in, an answer out."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        """Keep the process."""
        self._process = process

    def ask(self, line: str) -> dict[str, Any]:
        """Return the answer to one line, or raise when the child has died."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the peer ended with exit code {self._process.wait()}")
        found: dict[str, Any] = json.loads(answer)
        return found


@contextmanager
def child(script: str, *words: str) -> Iterator[Child]:
    """Run a script of the peers until the block ends."""
    command: Sequence[str] = [str(PYTHON), str(HERE / script), *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Child(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(timeout=60)


def line(what: str, ratio: float, target: float, *, is_least: bool = True) -> str:
    """Lay out a ratio beside its target."""
    is_met = ratio >= target if is_least else ratio <= target
    return f"{what:<46}{ratio:>9.2f}{target:>9}   {'ok' if is_met else 'MISS'}"
