"""What ``compile``, ``search`` and ``compare`` answer."""

import re
from pathlib import Path
from typing import Any

import pytest

from alphaforge.dsl.compile import compile_text
from alphaforge.tests.tool_lab import (
    DATASET,
    FIRST,
    SECOND,
    ask,
    copied,
    fields,
    filled,
    shared,
)
from alphaforge.tools.found import Scope
from alphaforge.tools.guide import TOPICS, Topic
from alphaforge.tools.lab import Lab

SPELLINGS = (
    "rank(ts_mean(close, 24h) / close)",
    "  rank( ts_mean(close,24) / close )  # the same, spaced and commented",
)


@pytest.fixture
def lab() -> Lab:
    return shared()


@pytest.fixture
def own(tmp_path: Path) -> Lab:
    return copied(tmp_path)[0]


def test_compile_gives_one_fingerprint_to_one_meaning(own: Lab) -> None:
    found = {fields(own, "compile", text=text)["fingerprint"] for text in SPELLINGS}
    assert len(found) == 1
    other = fields(own, "compile", text="rank(ts_mean(close, 25h) / close)")["fingerprint"]
    assert other not in found


def test_compile_says_what_a_text_needs(own: Lab) -> None:
    answer = fields(own, "compile", text=SPELLINGS[0])
    assert answer["kind"] == "expression"
    assert answer["inputs"] == ["close"]
    assert "ts_mean" in answer["operators"]
    assert answer["warmup_bars"] == 23
    checks = {check["name"]: check["is_ok"] for check in answer["checks"]}
    names = ("causality", "warmup", "reach", "inputs", "size", "cost", "scale")
    assert checks == dict.fromkeys(names, True)


def test_compile_says_when_the_past_is_never_forgotten(own: Lab) -> None:
    texts = ("rank(ema(close / open, 24h))", "rank(ts_mean(close / open, 24h))")
    found = [fields(own, "compile", text=text)["checks"] for text in texts]
    details = [check["detail"] for checks in found for check in checks if check["name"] == "reach"]
    assert details == [
        "a value depends on all bars since the data set's first",
        "a value depends on its own bar and the 23 before it at most",
    ]


def test_compile_warns_of_a_formula_that_depends_on_the_price_level(own: Lab) -> None:
    checks = fields(own, "compile", text="close - open")["checks"]
    assert [check["name"] for check in checks if not check["is_ok"]] == ["scale"]


def test_compile_tells_all_faults_of_a_text_with_spans_and_help(own: Lab) -> None:
    answer = ask(own, "compile", text="rank(clse) + rank(delay(close, -1))")
    assert answer.exit_code == 1
    spans = [fault["span"] for fault in answer.fields["diagnostics"]]
    assert len(spans) == 2
    assert answer.fields["span"] == spans[0]
    assert "did you mean `close`?" in answer.text


def test_compile_knows_what_was_tried(own: Lab) -> None:
    home = filled()
    tried = fields(own, "compile", text=f"{FIRST} # again")["tried_before"]
    assert [item["experiment_id"] for item in tried] == [home.first["experiment_id"]]
    assert tried[0]["reason"] == "same strategy"
    assert tried[0]["sharpe"] == pytest.approx(home.first["metrics"]["sharpe"], rel=1e-5)
    assert fields(own, "compile", text="rank(volume)")["tried_before"] == []


def test_M2_what_was_compiled_is_kept_and_is_no_trial(own: Lab) -> None:
    before, trials = own.experiments.size(), own.experiments.trials().trials
    fields(own, "compile", text="rank(volume)")
    ask(own, "compile", text="rank(volme)")
    fields(own, "compile", text="rank( volume )")
    assert own.experiments.size() == before + 2
    assert own.experiments.trials().trials == trials


@pytest.mark.parametrize("scope", ["operators", "docs", "templates", "datasets"])
def test_search_pages_fit_together_without_gap_or_double(lab: Lab, scope: str) -> None:
    whole = [hit["id"] for hit in fields(lab, "search", scope=scope, limit=50)["hits"]]
    paged: list[str] = []
    cursor = ""
    while True:
        page = fields(lab, "search", scope=scope, limit=2, cursor=cursor)
        paged += [hit["id"] for hit in page["hits"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert paged[: len(whole)] == whole
    assert len(set(paged)) == len(paged) == page["total"]


def test_a_cursor_of_another_question_is_refused(lab: Lab) -> None:
    cursor = fields(lab, "search", scope="operators", limit=2)["next_cursor"]
    others: list[dict[str, Any]] = [{"scope": "docs"}, {"scope": "operators", "text": "mean"}]
    for other in others:
        assert "another question" in ask(lab, "search", limit=2, cursor=cursor, **other).text


def test_search_finds_an_operator_by_name_with_all_that_is_to_say(lab: Lab) -> None:
    hits = fields(lab, "search", scope="operators", text="ts_corr")["hits"]
    assert hits[0]["id"] == "ts_corr"
    assert "correlation" in hits[0]["text"]
    assert "bars" in hits[0]["title"]


def test_search_knows_fields_and_the_names_of_other_dialects(lab: Lab) -> None:
    found = fields(lab, "search", scope="operators", text="funding_rate")["hits"][0]
    assert found["title"].startswith("field funding_rate")
    assert fields(lab, "search", scope="operators", text="stddev")["hits"][0]["id"] == "ts_std"


def test_search_knows_macros_and_what_they_stand_for(lab: Lab) -> None:
    found = fields(lab, "search", scope="operators", text="ts_av_diff")["hits"][0]
    assert found["title"] == "ts_av_diff(x, bars)"
    assert "It stands for `x - ts_mean(x, bars)`." in found["text"]
    hits = fields(lab, "search", scope="operators", text="group_neutralize")["hits"]
    assert hits[0]["id"] == "neutralize"


def test_search_offers_the_nearest_name_for_a_mistyped_one(lab: Lab) -> None:
    hits = fields(lab, "search", scope="operators", text="winsorise")["hits"]
    assert [hit["id"] for hit in hits] == ["winsorize"]


@pytest.mark.parametrize(
    ("words", "meant"), [("moving average", "ts_mean"), ("lag", "delay"), ("pct_change", "returns")]
)
def test_search_knows_what_other_languages_call_an_operator(
    lab: Lab, words: str, meant: str
) -> None:
    assert fields(lab, "search", scope="operators", text=words)["hits"][0]["id"] == meant


def test_a_parameter_may_be_chosen_by_a_number(own: Lab) -> None:
    text = "strategy s { param k in [2, 3]\n signal k * returns }"
    as_number = fields(own, "compile", text=text, params={"k": 3})
    as_text = fields(own, "compile", text=text, params={"k": "3"})
    assert as_number["fingerprint"] == as_text["fingerprint"]
    assert as_number["fingerprint"] != fields(own, "compile", text=text)["fingerprint"]


def test_search_lists_data_sets_and_says_which_are_synthetic(lab: Lab) -> None:
    (hit,) = fields(lab, "search", scope="datasets")["hits"]
    assert hit["id"] == DATASET
    assert "SYNTHETIC" in hit["title"]
    assert "funding_rate" in hit["text"]


def test_search_finds_experiments_by_words_by_likeness_and_by_metric(own: Lab) -> None:
    home = filled()
    first, second = home.first["experiment_id"], home.second["experiment_id"]
    assert {hit["id"] for hit in fields(own, "search", text="returns")["hits"]} == {first, second}
    assert [hit["id"] for hit in fields(own, "search", like=first)["hits"]] == [second]
    by_text = fields(own, "search", like="rank(-returns(close, 30h))")["hits"]
    assert {hit["id"] for hit in by_text} == {first, second}
    best = sorted((home.first, home.second), key=lambda run: -run["metrics"]["sharpe"])
    by_sharpe = fields(own, "search", sort="sharpe")["hits"]
    assert [hit["id"] for hit in by_sharpe] == [run["experiment_id"] for run in best]
    assert all("deflated_sharpe" in hit["metrics"] for hit in by_sharpe)


def test_search_by_id_gives_the_whole_text(lab: Lab) -> None:
    (hit,) = fields(lab, "search", text=filled().first["experiment_id"])["hits"]
    assert hit["text"] == FIRST


def test_what_goes_with_experiments_alone_is_refused_elsewhere(lab: Lab) -> None:
    answer = ask(lab, "search", scope="docs", sort="sharpe")
    assert "`sort` goes with scope experiments" in answer.fields["message"]
    assert "did you mean `sharpe`?" in ask(lab, "search", sort="sharp").fields["help"]


def test_every_scope_answers(own: Lab) -> None:
    for scope in Scope:
        assert fields(own, "search", scope=scope.value)["scope"] == scope.value


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_text_of_the_guide_compiles(lab: Lab, topic: Topic) -> None:
    for text in re.findall(r"```\n(.*?)\n```", topic.text, re.DOTALL):
        made = compile_text(text, lab.catalogue)
        assert made.is_ok, made.diagnostics


def test_the_templates_compile_as_search_gives_them(lab: Lab) -> None:
    names = [hit["id"] for hit in fields(lab, "search", scope="templates")["hits"]]
    assert names
    for name in names:
        (hit,) = fields(lab, "search", scope="templates", text=name)["hits"][:1]
        assert compile_text(hit["text"], lab.catalogue).is_ok


def test_compare_lays_runs_side_by_side_in_the_order_asked(lab: Lab) -> None:
    home = filled()
    ids = [home.second["experiment_id"], home.first["experiment_id"]]
    answer = fields(lab, "compare", ids=ids)
    assert [row["id"] for row in answer["rows"]] == ids
    assert answer["trials"] == {DATASET: 2}
    assert answer["best"] in ids
    one, other = answer["correlation"]
    assert one[0] == other[1] == 1.0
    assert one[1] == other[0]
    assert -1 < one[1] < 1
    assert f"-{SECOND}" in answer["text_changes"]
    assert f"+{FIRST}" in answer["text_changes"]
    for row, run in zip(answer["rows"], (home.second, home.first), strict=True):
        assert row["metrics"]["sharpe"] == pytest.approx(run["metrics"]["sharpe"], rel=1e-5)
        assert 0 <= row["deflated_sharpe"] <= 1


def test_compare_refuses_an_unknown_and_a_doubled_id(lab: Lab) -> None:
    known = filled().first["experiment_id"]
    assert ask(lab, "compare", ids=[known, "exp_none"]).fields["code"] == "AF404"
    assert "twice" in ask(lab, "compare", ids=[known, known]).fields["message"]
