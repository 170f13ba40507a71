"""The demo, as a newcomer runs it: on a machine without the real data, in a folder of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from alphaforge.tests.helpers import KERNEL_CACHE


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_the_demo_does_the_whole_main_job_on_the_simulated_market(tmp_path: Path) -> None:
    work = tmp_path / "elsewhere" / "work"
    work.mkdir(parents=True)
    done = subprocess.run(
        [sys.executable, "-m", "alphaforge", "demo", "--home", str(tmp_path / "home"), "--json"],
        capture_output=True,
        text=True,
        timeout=220,
        cwd=work,
        env={
            **os.environ,  # noqa: TID251  # As a shell has it.
            "ALPHAFORGE_SHARED_DATA": str(tmp_path / "nothing"),
            "ALPHAFORGE_KERNELS": str(KERNEL_CACHE),
        },
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["is_verified"] is True
    assert told["fills"] > 0
    assert told["orders"] >= told["fills"] > 0
    assert len(set(told["experiments"])) == 2
    sheet = Path(told["tear_sheet"])
    assert "SYNTHETIC" in sheet.read_text(encoding="utf-8")
    assert (sheet.parent / "report.png").read_bytes().startswith(b"\x89PNG")
