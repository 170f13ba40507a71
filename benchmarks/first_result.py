"""From the start of a process to its first result: ``alphaforge eval`` with warm caches.

The data set is a market of the simulator, imported beforehand; the peer is a bare interpreter.
"""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from alphaforge.benchmarks.peers.parent import bars, line

FORMULA = "zscore(rank(ts_sum(returns(close), 24) / ts_std(returns(close), 168)))"
FULL, QUICK = (4380, 20), (400, 5)
ROUNDS, ROUNDS_QUICK = 5, 2
TARGET_S = 2.0


def seconds(*words: str) -> float:
    """Time a process of Python from its start to its end."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def write(path: Path, rows: int, columns: int) -> None:
    """Write a file of bars, a row a bar and instrument."""
    fields = bars(rows, columns)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    hours = [start + timedelta(hours=bar) for bar in range(rows) for _ in range(columns)]
    names = [f"S{number:02d}USDT" for number in range(columns)]
    frame = pl.DataFrame({"ts": hours, "symbol": names * rows})
    made = {name: pl.Series(fields[name].reshape(-1)) for name in ("open", "high", "low", "close")}
    frame = frame.with_columns(**made, volume=pl.Series(fields["volume"].reshape(-1)))
    frame.drop_nans().write_parquet(path)


def main() -> None:
    """Print the least and the middle time."""
    is_quick = "--quick" in sys.argv
    size, rounds = (QUICK, ROUNDS_QUICK) if is_quick else (FULL, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        file, home = Path(folder) / "bars.parquet", Path(folder) / "home"
        write(file, *size)
        ours = ["-m", "alphaforge", "eval", "-e", FORMULA, "--dataset", "bench"]
        ours += ["--out", str(Path(folder) / "out.parquet"), "--home", str(home)]
        seconds(
            "-m", "alphaforge", "data", "import", str(file), "--name", "bench", "--home", str(home)
        )
        seconds(*ours)  # The first one compiles the kernels.
        pairs = [(seconds("-c", "pass"), seconds(*ours)) for _ in range(rounds)]
    least = min(took for _, took in pairs)
    bare = min(took for took, _ in pairs)
    print(f"first result, eval on {size[1]} x {size[0]}, best of {rounds}{'target':>20}")
    print(line("  seconds from the start of the process", least, TARGET_S, is_least=False))
    print(f"  {'over a bare interpreter':<44}{least / bare:>9.2f}")


if __name__ == "__main__":
    main()
