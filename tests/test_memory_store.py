"""The store of experiments: written once, never lost, trials counted exactly."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from statistics import variance

import pytest

from alphaforge.core.errors import BrokenError, InvalidInputError, NotFoundError
from alphaforge.dsl.compile import compile_text
from alphaforge.memory.deflate import Moments, chance, deflate
from alphaforge.memory.experiment import ExperimentKind
from alphaforge.memory.filters import Filters
from alphaforge.memory.records import compile_record, refusal_record
from alphaforge.memory.rows import metrics_text
from alphaforge.memory.trials import TrialCount
from alphaforge.tests.memory_world import AGENT, catalogue, compiled, store, together, tried

A, B = "rank(returns(close, 24))", "rank(ts_std(close, 24))"


def test_recording_the_same_again_changes_nothing(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    experiments.record(tried(A))
    before = experiments.get(tried(A).id), experiments.changed()
    experiments.record(tried(A))
    experiments.record(replace(tried(A), metrics={"sharpe": 99.0}, author="agent:forger"))
    assert (experiments.get(tried(A).id), experiments.changed()) == before


def test_every_field_of_a_record_comes_back_as_it_went_in(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    text = 'strategy s { doc "d"\n data perps bar 1h\n signal rank(close)\n costs taker 5bp }'
    whole = replace(
        tried(text, metrics={"calmar": 0.1 + 0.2}),
        run_id="run_1",
        created_at="2026-01-01T00:00:00.000000Z",
        artifacts=("metrics.json",),
        parent="exp_parent",
        error="none",
    )
    experiments.record(whole)
    assert store(tmp_path).get(whole.id) == whole
    assert whole.settings["costs.taker_bp"] == "5"
    assert whole.doc == "d"


def test_a_retry_turns_a_failure_into_a_result_and_never_back(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    failed = tried(A, None, state="failed", error="AF500: died", created_at="2026-01-01")
    experiments.record(failed)
    experiments.record(replace(failed, error="AF500: died again", created_at="2026-01-02"))
    assert experiments.get(failed.id).error == "AF500: died again"

    experiments.record(replace(tried(A), created_at="2026-01-03", author="agent:second"))
    found = experiments.get(failed.id)
    assert (found.state, found.metrics["sharpe"]) == ("completed", 1.0)
    # Who tried it first, and when, is history.
    assert (found.created_at, found.author) == ("2026-01-01", AGENT.id)

    experiments.record(failed)
    assert experiments.get(failed.id) == found


def test_two_processes_that_record_one_experiment_leave_one(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from alphaforge.tests.memory_world import store, tried\n"
        "texts = [f'rank(ts_mean(close, {n}))' for n in range(2, 22)]\n"
        "made = [tried(text, n / 10) for n, text in enumerate(texts)]\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "experiments = store(Path(sys.argv[1]))\n"
        "[experiments.record(one) for one in made]\n"
    )
    together(code, tmp_path)
    experiments = store(tmp_path)
    assert experiments.size() == 20
    assert experiments.changed() == 20
    assert experiments.trials().trials == 20


COUNTED = [
    ("one run", [tried(A)], 1),
    ("a re-run", [tried(A), tried(A, 2.0)], 1),
    ("another spelling", [tried(A), tried("rank( returns(close, 24h) )  # again")], 1),
    ("another strategy", [tried(A), tried(B)], 2),
    ("a re-phrasing of another fingerprint", [tried(A), tried(f"3 * {A}")], 2),
    ("a failure", [tried(A), tried(B, None, state="failed")], 2),
    ("a cancelled run", [tried(A), tried(B, None, state="cancelled")], 2),
    ("a failure run again", [tried(A, None, state="failed"), tried(A)], 1),
    ("another window", [tried(A), tried(A, window="2025-01-01..2025-02-01")], 2),
    ("new bars in the dataset", [tried(A), tried(A, snapshot="snap_2")], 2),
    ("a copy under another name", [tried(A), tried(A, dataset="copy")], 1),
    ("another engine", [tried(A), replace(tried(A), id="exp_x", engine="eng_2")], 1),
    ("another dataset", [tried(A), tried(B, dataset="spot", snapshot="snap_9")], 1),
    ("a compile", [tried(A), compile_record(compiled(B), AGENT)], 1),
    ("a refusal", [tried(A), refusal_record(compiled(B), AGENT, code="AF429", reason="big")], 1),
    ("another tenant's", [tried(A), tried(B, principal=replace(AGENT, tenant="other"))], 1),
]


@pytest.mark.parametrize(("_what", "records", "count"), COUNTED, ids=[row[0] for row in COUNTED])
def test_M2_trials_are_distinct_strategies_on_distinct_data(
    tmp_path: Path, _what: str, records: list[object], count: int
) -> None:
    experiments = store(tmp_path)
    for record in records:
        experiments.record(record)  # type: ignore[arg-type]
    assert experiments.trials(dataset="perps").trials == count


def test_a_copy_under_another_name_does_not_start_the_count_anew(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    for text in (A, B, "rank(volume)"):
        experiments.record(tried(text))
    experiments.record(tried("rank(open)", dataset="copy"))
    assert experiments.trials(dataset="copy").trials == 4
    assert experiments.trials(dataset="perps").trials == 4
    assert experiments.trials(dataset="unseen").trials == 0


def test_a_run_counts_from_its_start_and_once(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    experiments.begin(tried(A, None))
    assert experiments.trials(dataset="perps") == TrialCount(1, 0, None)
    experiments.record(tried(A))
    assert experiments.trials(dataset="perps") == TrialCount(1, 1, None)


def test_the_variance_is_that_of_the_sharpe_ratios_per_observation(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    annual = [1.0, -0.5, 2.5, 0.25]
    for number, sharpe in enumerate(annual):
        experiments.record(tried(f"rank(ts_mean(close, {number + 2}))", sharpe))
    experiments.record(tried(B, None, state="failed"))
    count = experiments.trials(dataset="perps")
    hourly = [sharpe / (365 * 24) ** 0.5 for sharpe in annual]
    assert (count.trials, count.with_sharpe) == (5, 4)
    assert count.sharpe_variance == pytest.approx(variance(hourly), rel=1e-12)
    assert variance(count.stand_ins(3600)) == pytest.approx(variance(annual), rel=1e-12)


def test_a_sharpe_ratio_is_worth_less_the_more_was_tried() -> None:
    hourly_variance = 0.5**2 / (365 * 24)
    found = [
        deflate(tried(A, 3.0, metrics={"bars": 8_760.0}), TrialCount(n, n, hourly_variance))
        for n in (1, 10, 1_000)
    ]
    chances = [item.probability for item in found if item]
    assert chances == sorted(chances, reverse=True)
    assert found[0]
    assert found[0].is_believed
    assert found[2]
    assert not found[2].is_believed
    assert "1000 trials" in found[2].verdict
    for count in (
        TrialCount(10, 10, hourly_variance),
        TrialCount(1, 1, None),
        TrialCount(9, 1, None),
    ):
        whole = deflate(tried(A, 1.0), count)
        assert whole
        moments = Moments("exp", "perps", 3600, 1.0, 1_000.0, 0.0, 3.0)
        assert chance(moments, count) == pytest.approx(whole.probability, rel=1e-12)
    assert deflate(tried(A, None, state="failed"), TrialCount(3, 2, 0.1)) is None
    assert deflate(compile_record(compiled(A), AGENT), TrialCount(3, 2, 0.1)) is None


def test_I6_experiments_of_another_tenant_do_not_exist(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    theirs = tried(A, principal=replace(AGENT, tenant="other"))
    experiments.record(theirs)
    with pytest.raises(NotFoundError, match="there is no experiment"):
        experiments.get(theirs.id)
    assert experiments.get_many([theirs.id]) == []
    assert experiments.page(Filters(), sort="recent", limit=9) == []
    assert experiments.by_run_fingerprint(theirs.run_fingerprint) is None
    assert experiments.get(theirs.id, "other").id == theirs.id


def test_a_text_with_faults_is_recorded_with_them(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    broken = compile_text("rank(clse) + rnk(open)", catalogue())
    experiments.record(compile_record(broken, AGENT))
    experiments.record(compile_record(broken, AGENT))
    (found,) = experiments.page(Filters(kinds=(ExperimentKind.COMPILE,)), sort="recent", limit=9)
    assert (found.state, found.text) == ("failed", "rank(clse) + rnk(open)")
    assert "unknown field `clse`" in found.error
    assert found.created_at == "2026-01-01T00:00:00.000000Z"


def test_metrics_are_written_with_sorted_keys_and_null_for_what_is_no_number() -> None:
    text = metrics_text({"b": float("nan"), "a": 0.1, "c": None, "d": float("inf"), "e": 1e-7})
    assert text == '{"a":0.1,"b":null,"c":null,"d":null,"e":1e-07}'
    assert json.loads(text)["a"] == 0.1


def test_filters_are_values_and_never_sql(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    experiments.record(tried(A))
    for word in ("' OR 1=1 --", '") OR 1=1', "perps'; DROP TABLE experiments; --"):
        for filters in (
            Filters(dataset=word),
            Filters(author=word),
            Filters(operators=(word,)),
            Filters(fields=(word,)),
        ):
            assert experiments.page(filters, sort="recent", limit=9) == []
    assert experiments.size() == 1
    with pytest.raises(InvalidInputError, match="21 operators and fields"):
        Filters(operators=("rank",) * 21)


def test_filters_keep_what_has_all_that_is_asked(tmp_path: Path) -> None:
    experiments = store(tmp_path)
    experiments.record(tried(A, author="agent:a"))
    experiments.record(tried(B, None, state="failed", author="agent:b"))

    def found(**wanted: object) -> list[str]:
        filters = Filters(**wanted)  # type: ignore[arg-type]
        page = experiments.page(filters, sort="recent", limit=9)
        assert experiments.count(filters) == len(page)
        return sorted(item.text for item in page)

    assert found() == sorted([A, B])
    assert found(operators=("rank", "ts_std")) == [B]
    assert found(operators=("rank",), fields=("volume",)) == []
    assert found(state="completed") == [A]
    assert found(author="agent:b") == [B]
    assert found(signal_fingerprint=compiled(A).signal_fingerprint) == [A]
    assert found(kinds=(ExperimentKind.COMPILE,)) == []


def test_a_store_of_a_newer_release_is_left_alone(tmp_path: Path) -> None:
    store(tmp_path).close()
    with sqlite3.connect(tmp_path / "control.db") as connection:
        connection.execute("UPDATE schema_versions SET version = 99 WHERE area = 'memory'")
    connection.close()
    with pytest.raises(BrokenError, match="`memory` is at schema 99"):
        store(tmp_path)
