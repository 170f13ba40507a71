"""What a family joins, and what it must not."""

import pytest

from alphaforge.dsl import compile_text
from alphaforge.tests.trees import CATALOGUE


def families(*texts: str) -> tuple[str, ...]:
    found = tuple(compile_text(text, CATALOGUE).family_fingerprint for text in texts)
    assert all(found), texts
    return found


JOINED = [
    ("rank(3 * close + 1)", "rank(close)"),
    ("rank(log(close))", "rank(close)"),
    ("rank(exp(returns)) + rank(sqrt(volume))", "rank(returns) + rank(volume)"),
    ("rank(tanh(returns) / 3)", "rank(returns)"),
    ("rank(norm_ppf(rank(returns)))", "returns"),
    ("normalize(zscore(returns))", "returns"),
    ("quantile(returns)", "returns"),
    ("rank(-close)", "-rank(close)"),
    ("1 - rank(returns)", "-rank(returns)"),
    ("-3 * returns", "-returns"),
    ("rank(ts_mean(3 * returns, 24))", "rank(ts_mean(returns, 12))"),
    ("rank(ts_sum(returns, 24))", "rank(ts_mean(returns, 24))"),
    ("zscore(3 * returns + 2)", "zscore(returns)"),
    ("scale(3 * returns)", "scale(returns)"),
    ("ts_corr(3 * close + 1, volume, 24)", "ts_corr(close, volume, 24)"),
    ("ts_rank(log(close), 24)", "ts_rank(close, 12)"),
    ("rank(close / (3 * volume))", "rank(close / volume)"),
    ("neutralize(3 * returns, bucket(log(volume), 3))", "neutralize(returns, bucket(volume, 5))"),
    ("rank(close / delay(close, 3) - 1)", "rank(returns(close, 5))"),
    ("rank(returns) + 0.5 * rank(volume)", "rank(returns) + 0.25 * rank(volume)"),
]
APART = [
    ("rank(close)", "-rank(close)"),
    ("rank(close)", "rank(open)"),
    ("rank(abs(returns))", "rank(returns)"),
    ("rank(returns) + 0.5 * rank(volume)", "rank(returns) - 0.5 * rank(volume)"),
    ("scale(returns + 1) * volume", "scale(returns) * volume"),
    ("sign(returns + 1)", "sign(returns)"),
    ("zscore(log(close)) * volume", "zscore(close) * volume"),
    ("ts_mean(log(close), 24)", "ts_mean(close, 24)"),
    ("rank(ts_mean(returns + 1, 24) * volume)", "rank(ts_mean(returns, 24) * volume)"),
    ("ts_rank(zscore(returns), 24)", "ts_rank(returns, 24)"),
    ("ts_rank(-returns, 24)", "ts_rank(returns, 24)"),
    ("rank(returns * volume)", "rank(returns)"),
    ("rank(returns) + returns", "rank(returns) + log(volume)"),
    ("ts_max(returns, 24)", "ts_min(returns, 24)"),
]


@pytest.mark.parametrize(("one", "other"), JOINED)
def test_a_family_joins_what_its_reader_cannot_tell_apart(one: str, other: str) -> None:
    first, second = families(one, other)
    assert first == second


@pytest.mark.parametrize(("one", "other"), APART)
def test_a_family_keeps_apart_what_differs(one: str, other: str) -> None:
    first, second = families(one, other)
    assert first != second


def test_a_family_is_no_fingerprint() -> None:
    one, other = (compile_text(text, CATALOGUE) for text in ("rank(3 * close)", "rank(close)"))
    assert one.family_fingerprint == other.family_fingerprint
    assert one.signal_fingerprint != other.signal_fingerprint
