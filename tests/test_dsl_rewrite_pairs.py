"""Each rewrite by itself: what it joins, what it must leave, word by word."""

from collections import Counter

import pytest

from alphaforge.dsl import canonical, compile_text
from alphaforge.dsl.canonical import REWRITES
from alphaforge.dsl.rewriting import Rewrite
from alphaforge.tests.golden_pairs import Pair, check, pairs
from alphaforge.tests.trees import CATALOGUE

FILE = "dsl_rewrites.txt"
PAIRS = pairs(FILE)
LEAVES = " leaves"


def form(text: str) -> str:
    compilation = compile_text(text, CATALOGUE)
    assert compilation.is_ok, (text, compilation.diagnostics)
    return compilation.canonical


def owner(pair: Pair) -> str:
    return pair.title.partition(":")[0].removesuffix(LEAVES)


def is_left(pair: Pair) -> bool:
    return pair.title.partition(":")[0].endswith(LEAVES)


def test_golden_pairs_of_each_rewrite_are_as_reviewed() -> None:
    check(FILE, form)


def test_each_rewrite_has_pairs_and_a_near_miss() -> None:
    joined = Counter(owner(pair) for pair in PAIRS if not is_left(pair))
    missed = {owner(pair) for pair in PAIRS if is_left(pair)}
    assert set(joined) == missed == {rewrite.name for rewrite in REWRITES}
    assert min(joined.values()) >= 3


def without(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = tuple(rewrite for rewrite in REWRITES if rewrite.name != name)
    monkeypatch.setattr(canonical, "REWRITES", rest)
    monkeypatch.setattr(canonical, "_STEPS", {})


@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite.name)
def test_no_rewrite_is_idle(rewrite: Rewrite, monkeypatch: pytest.MonkeyPatch) -> None:
    own = [pair for pair in PAIRS if owner(pair) == rewrite.name]
    without(rewrite.name, monkeypatch)
    for pair in own:
        # Its joins need it, and what it must leave is left by it, not for want of it.
        assert (form(pair.text) == pair.expected) == is_left(pair), pair.title


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.title[:50])
def test_what_comes_out_means_what_went_in(pair: Pair) -> None:
    again = compile_text(pair.expected, CATALOGUE)
    assert again.canonical == pair.expected
    assert again.fingerprint == compile_text(pair.text, CATALOGUE).fingerprint
