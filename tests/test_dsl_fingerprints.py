"""Fingerprints are the same in every process, whatever it was started with, and in every thread."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from alphaforge.dsl import compile_text
from alphaforge.tests.golden_pairs import pairs
from alphaforge.tests.trees import CATALOGUE

PAIRS = pairs("dsl_fingerprints.txt")
LEAST = 200
CODE = "from alphaforge.tests.test_dsl_fingerprints import all_named; print(all_named())"
# Turkish has a dotless i, which breaks naive lower casing; the other zones lie either side of noon.
SURROUNDINGS = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Tokyo"},
    {"PYTHONHASHSEED": "4294967295", "LC_ALL": "de_DE.UTF-8", "TZ": "America/Los_Angeles"},
    {"PYTHONHASHSEED": "random", "PYTHONUTF8": "0", "TZ": "Pacific/Kiritimati"},
]


def named(text: str) -> str:
    compilation = compile_text(text, CATALOGUE)
    return f"{compilation.signal_fingerprint}\n{compilation.strategy_fingerprint}"


def all_named() -> str:
    return "\n".join(named(pair.text) for pair in PAIRS)


def expected() -> str:
    return "\n".join(pair.expected for pair in PAIRS)


def test_the_golden_file_has_enough_texts_of_both_kinds() -> None:
    strategies = [pair for pair in PAIRS if pair.text.startswith("strategy")]
    assert len(PAIRS) >= LEAST
    assert 20 < len(strategies) < LEAST - 20
    signals = {pair.expected.partition("\n")[0] for pair in PAIRS}
    assert len(signals) > 0.7 * len(PAIRS)


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=lambda of: of["TZ"])
def test_D10_fingerprints_do_not_depend_on_the_process(surroundings: dict[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], **surroundings}  # noqa: TID251  # Of the child.
    said = subprocess.run(
        [sys.executable, "-c", CODE], check=True, capture_output=True, text=True, env=environment
    )
    assert said.stdout.strip() == expected()


def test_D10_fingerprints_do_not_depend_on_the_thread() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: all_named(), range(8)))
    assert set(found) == {expected()}
