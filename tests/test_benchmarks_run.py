"""The benchmarks that also run without public peers come to their end in quick mode."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from alphaforge.benchmarks.peers.parent import PYTHON

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "ratios"),
    [("growth", 2), ("first_result", 1), ("simulate_peer", 2 if PYTHON.exists() else 1)],
)
def test_a_benchmark_prints_a_ratio_a_target_and_a_verdict(name: str, ratios: int) -> None:
    script = str(BENCHMARKS / f"{name}.py")
    ended = subprocess.run(
        [sys.executable, script, "--quick"], capture_output=True, text=True, timeout=110, check=True
    )
    found = re.findall(r"(\d+\.\d+) +(\d+\.\d+) +(?:ok|MISS)$", ended.stdout, re.MULTILINE)
    assert len(found) == ratios, ended.stdout
    assert all(float(ratio) > 0 for ratio, _ in found)
    # Where a peer answers, its values are compared before its time is.
    compared = re.findall(r"difference (\S+), at most (\S+) ", ended.stdout)
    assert len(compared) == int(name == "simulate_peer" and PYTHON.exists()), ended.stdout
    assert all(float(apart) <= float(most) for apart, most in compared)
