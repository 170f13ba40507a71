"""The numeric contract: each rule of the page is pinned by tests that exist."""

import re

import pytest

from alphaforge.tests.helpers import REPO
from alphaforge.tests.test_promises import names

ROW = re.compile(r"^\| ([FE]\d+) \| (.+) \| (.+) \|$", re.MULTILINE)
PAGE = (REPO / "docs" / "numbers.md").read_text(encoding="utf-8")
RULES = {number: tests for number, _, tests in ROW.findall(PAGE)}
ASKED = [*(f"F{at}" for at in range(1, 13)), *(f"E{at}" for at in range(1, 11))]


@pytest.mark.parametrize("number", ASKED)
def test_a_rule_of_numbers_is_stated_once_and_names_tests_that_exist(number: str) -> None:
    assert len(re.findall(rf"^\| {number} \|", PAGE, re.MULTILINE)) == 1
    tests = re.findall(r"`([a-z0-9_]+\.[A-Za-z0-9_]+)`", RULES[number])
    assert tests
    assert [name for name in tests if name not in names()] == []


def test_no_rule_of_numbers_is_beside_the_list() -> None:
    assert sorted(RULES) == sorted(ASKED)
