"""Compiled kernels: kept on disk, safe among processes, versioned by their sources."""

import subprocess
import sys
from pathlib import Path

import pytest

from alphaforge.dsl.kernels import HELPERS
from alphaforge.engine import version
from alphaforge.tests.helpers import KERNEL_CACHE, REPO

FEW = "delta returns"
COUNT_HITS = """
import sys
from pathlib import Path
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.engine.kernels import Kernels
operators = Catalogue.builtin().operators
kernels = Kernels(Path(sys.argv[1]))
found = [kernels.of(operators[name]).stats for name in sys.argv[2:]]
print(sum(len(stats.cache_hits) and sum(stats.cache_hits.values()) for stats in found),
      sum(sum(stats.cache_misses.values()) for stats in found))
"""
ONE_FILE = '''
"""``twice(x)``: a value, doubled."""

from ..kernels import Panel, kernel
from ..nodes import Node, operator


@operator("twice")
class Twice(Node):
    """Two times the value."""

    x: Node
    example = "twice(close)"


@kernel(Twice)
def twice(x: Panel, _first_bar: int, out: Panel) -> None:
    """Double."""
    for t in range(x.shape[0]):
        for i in range(x.shape[1]):
            out[t, i] = 2.0 * x[t, i]
'''
USE_ONE_FILE = """
import sys
import numpy as np
from alphaforge.dsl import ops
ops.__path__.append(sys.argv[1])
from alphaforge.core.panel import Panel
from alphaforge.dsl.catalogue import Catalogue
from alphaforge.dsl.nodes import Field
from alphaforge.engine.evaluate import Evaluator
from alphaforge.engine.kernels import Kernels
twice = Catalogue.builtin().operators["twice"]
fields = {"close": np.array([[1.0, np.nan]])}
panel = Panel("d", "s", 3600, np.array([0]), ("A", "B"), fields)
print(Evaluator(Kernels(None)).evaluate([twice(Field("close"))], panel)[0].tolist())
"""


def start(script: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-W", "error", "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return out.strip()


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_two_processes_may_warm_at_once_and_a_third_compiles_nothing(tmp_path: Path) -> None:
    both = [start(COUNT_HITS, tmp_path, *FEW.split()) for _ in range(2)]
    for process in both:
        finish(process)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    assert finish(start(COUNT_HITS, tmp_path, *FEW.split())) == "2 0"
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert next(tmp_path.iterdir()).stat().st_mode & 0o077 == 0


@pytest.mark.slow
@pytest.mark.timeout(90)
def test_a_new_operator_is_one_new_file(tmp_path: Path) -> None:
    (tmp_path / "twice.py").write_text(ONE_FILE)
    assert finish(start(USE_ONE_FILE, tmp_path)) == "[[2.0, nan]]"


def test_listing_operators_imports_no_heavy_library() -> None:
    script = """
import sys
from alphaforge.dsl.catalogue import Catalogue
import alphaforge.packs.midfreq.ops
import alphaforge.engine
from alphaforge.engine.version import engine_version
Catalogue.builtin(), engine_version()
print(sorted({"numpy", "numba", "llvmlite", "pandas"} & set(sys.modules)))
"""
    assert finish(start(script)) == "[]"


def test_the_version_covers_every_file_that_decides_a_number() -> None:
    covered = {path.resolve() for path in version.sources()}
    modules = {sys.modules[helper.__module__] for helper in HELPERS.values()}
    ours = {Path(str(module.__file__)) for module in modules if ".dsl." in module.__name__}
    assert ours <= covered
    assert {*(REPO / "dsl" / "ops").glob("*.py"), REPO / "engine" / "simulate.py"} <= covered
    assert not [path for path in covered if "report" in path.parts]


def test_the_version_changes_with_a_pack_and_with_a_byte_of_it(tmp_path: Path) -> None:
    pack = tmp_path / "pack" / "ops"
    pack.mkdir(parents=True)
    (pack / "one.py").write_text("1")
    other = tmp_path / "other" / "ops"
    other.mkdir(parents=True)
    plain, with_pack = version.engine_version(), version.engine_version([pack])
    assert plain.startswith("eng_")
    assert plain == version.engine_version()
    assert with_pack != plain
    assert with_pack == version.engine_version([other, pack])
    version.forget()
    (pack / "one.py").write_text("2")
    assert version.engine_version([pack]) != with_pack


def test_the_tests_share_the_kernels_that_set_up_compiles_outside_the_checkout() -> None:
    assert not KERNEL_CACHE.is_relative_to(REPO)
    assert any(KERNEL_CACHE.rglob("*.nbi")), "make setup compiles them"
