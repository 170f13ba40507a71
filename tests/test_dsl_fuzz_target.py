"""The fuzz target holds for what it starts from, finds what is broken, and its splices vary."""

import pytest

from alphaforge.dsl.dialects import NAMES
from alphaforge.tests.fuzz import checks
from alphaforge.tests.fuzz.checks import BrokenPromiseError, check
from alphaforge.tests.fuzz.corpus import pieces_of, texts, words
from alphaforge.tests.fuzz.splice import Splicer

TEXTS = texts()
SECONDS_MAX = 5.0


@pytest.mark.parametrize("dialect", NAMES)
def test_T6_all_known_texts_keep_all_promises(dialect: str) -> None:
    for text in TEXTS:
        check(text, dialect, seconds_max=SECONDS_MAX)


@pytest.mark.parametrize("dialect", NAMES)
def test_T6_spliced_texts_keep_all_promises(dialect: str) -> None:
    splicer = Splicer(TEXTS, words())
    for seed in range(150):
        text = splicer.change(TEXTS[seed * 7 % len(TEXTS)], seed)
        check(text, dialect, seconds_max=SECONDS_MAX)


def test_a_broken_promise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "format_text", lambda text: text.replace("24h", "25h") + " ")
    with pytest.raises(BrokenPromiseError):
        check("ts_mean(returns, 24h)", "af", seconds_max=SECONDS_MAX)


def test_too_slow_an_answer_is_found() -> None:
    with pytest.raises(BrokenPromiseError, match="time"):
        check("returns", "af", seconds_max=0.0)


def test_splices_are_made_of_words_and_are_the_same_for_the_same_seed() -> None:
    splicer = Splicer(TEXTS, words())
    made = {splicer.change("rank(ts_mean(close, 24h))", seed) for seed in range(200)}
    assert len(made) > 150
    assert made == {splicer.change("rank(ts_mean(close, 24h))", seed) for seed in range(200)}
    assert "".join(pieces_of(TEXTS[-1])) == TEXTS[-1]
    assert len(TEXTS) > 300
