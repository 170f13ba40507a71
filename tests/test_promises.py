"""The manifest of promises: each names tests that exist, and no carried promise is left out."""

import ast
import re
from functools import cache

import pytest

from alphaforge.tests.helpers import REPO
from alphaforge.tests.promises import PROMISES

# The parts whose every promise with a test must be in the manifest.
WHOLE = frozenset("PAIL")
CARRIES = re.compile(r"test_([A-Z]+)([0-9]+)_")


@cache
def names() -> frozenset[str]:
    """List the tests there are, as file.function."""
    return frozenset(
        f"{path.stem}.{node.name}"
        for path in (REPO / "tests").glob("test_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.name.startswith("test_")
    )


@pytest.mark.parametrize("promise_id", sorted(PROMISES))
def test_a_promise_has_a_sentence_and_tests_that_exist(promise_id: str) -> None:
    promise = PROMISES[promise_id]
    assert promise.sentence.endswith(".")
    assert promise.tests
    for name in promise.tests:
        assert name in names(), f"{promise_id} names `{name}`, which is no test"
        assert f".test_{promise_id}_" in name, f"`{name}` does not carry {promise_id} in its name"


def test_every_carried_promise_is_in_the_manifest() -> None:
    carried = {
        match[1] + match[2]
        for name in names()
        if (match := CARRIES.match(name.partition(".")[2])) and match[1] in WHOLE
    }
    assert carried - PROMISES.keys() == set()


def test_the_manifest_notices_a_test_that_is_gone() -> None:
    gone = PROMISES["A1"].tests[0] + "_no_more"
    assert gone not in names()
