"""Kernels give the same bytes whichever processor level they are compiled for."""

import subprocess
import sys
from pathlib import Path

import pytest

from alphaforge.engine.cpu import GENERIC, V3, host_level
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.helpers import KERNEL_CACHE
from alphaforge.tests.samples import operators

# A child a level: numba reads the level once. `contracted` tells whether a product is rounded
# before it is added to.
EACH_OPERATOR = """
import hashlib, sys
from pathlib import Path
import numba
import numpy as np
from alphaforge.dsl.kernels import COMPILED
from alphaforge.engine import cpu
from alphaforge.engine.kernels import Kernels
from alphaforge.tests.samples import arguments_of, panels, samples, title
cpu.set_level(sys.argv[1])
kernels = Kernels(Path(sys.argv[2]))
found = panels(first_bar=11)
for node in samples():
    if type(node) in COMPILED:
        whole = hashlib.sha256()
        for panel in found.values():
            out = np.full(panel.shape, np.nan)
            kernels.of(type(node))(*arguments_of(node, panel), out)
            whole.update(out.tobytes())
        print(title(node), whole.hexdigest())
@numba.njit(["float64(float64, float64, float64)"], error_model="numpy")
def product_and_sum(a, b, c):
    return a * b + c
near = 1.0 + 2.0**-30
print("contracted", product_and_sum(near, near, -(near * near)))
"""


def bytes_on(level: str) -> str:
    command = [sys.executable, "-W", "error", "-c", EACH_OPERATOR, level, str(KERNEL_CACHE)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=580, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_hosts_level_gives_the_bytes_of_the_generic_one() -> None:
    if host_level() == GENERIC:
        pytest.skip("this host has no level above the generic one")
    plain = bytes_on(GENERIC)
    assert plain.endswith("contracted 0.0\n")
    assert bytes_on(V3) == plain


def test_the_cache_of_a_level_is_its_own_folder(tmp_path: Path) -> None:
    Kernels(tmp_path).of(operators()["delta"])
    assert [path.name.endswith(f"-{host_level()}") for path in tmp_path.iterdir()] == [True]
