"""The one door: what is refused, how it is said, what is journalled."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alphaforge.core.principals import Kind
from alphaforge.policies.action import READS
from alphaforge.policies.bundle import default_bundle
from alphaforge.tests.tool_lab import (
    AGENT,
    FIRST,
    LIMITS,
    STRANGER,
    ask,
    copied,
    lab_at,
    shared,
)
from alphaforge.tools import TOOLS
from alphaforge.tools.door import ANSWER_TOKENS_MAX, call_tool, tokens
from alphaforge.tools.lab import Lab

ERROR_FIELDS = {"code", "message", "span", "help", "next"}


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return lab_at(tmp_path / "home")


@pytest.mark.parametrize(
    ("tool", "arguments", "said", "way_out"),
    [
        ("serch", {}, "there is no tool `serch`", "did you mean `search`?"),
        ("search", {"scop": "docs"}, "unknown argument `scop`", "did you mean `scope`?"),
        ("search", {"limit": 51}, "argument `limit`", "`search` takes"),
        ("search", {"scope": "everything"}, "argument `scope`", "`search` takes"),
        ("compile", {}, "argument `text` is missing", "`compile` takes"),
        ("compile", {"text": 5}, "argument `text`", "`compile` takes"),
        ("run", {}, "exactly one of `text`, `texts`, `id`", "`run` takes"),
        ("run", {"text": "close", "run_id": "run_x"}, "exactly one of", "`run` takes"),
        ("compare", {"ids": ["exp_1"]}, "argument `ids`", "`compare` takes"),
        ("deploy", {"id": "exp_1"}, "there are no default limits", "`deploy` takes"),
        ("deploy", {"id": "e", "limits": {"capital": 1.5}}, 'write "1.5"', "`deploy` takes"),
    ],
)
def test_arguments_that_cannot_be_are_refused_with_the_way_out(
    lab: Lab, tool: str, arguments: dict[str, Any], said: str, way_out: str
) -> None:
    answer = ask(lab, tool, **arguments)
    assert answer.is_error
    assert set(answer.fields) == ERROR_FIELDS
    assert said in answer.fields["message"]
    assert way_out in answer.fields["help"]
    assert answer.fields["next"]


def test_all_faults_of_the_arguments_are_told_at_once(lab: Lab) -> None:
    answer = ask(lab, "search", limit=0, txt="x", cursr="y")
    for name in ("limit", "txt", "cursr"):
        assert f"`{name}`" in answer.fields["message"]
    assert "`text`" in answer.fields["help"]
    assert "`cursor`" in answer.fields["help"]


def test_a_hostile_argument_name_is_echoed_short_and_escaped(lab: Lab) -> None:
    hostile: dict[str, Any] = {"\u202e\x1b[31m" + "x" * 10_000: 1}
    answer = ask(lab, "search", **hostile)
    assert answer.is_error
    assert answer.fields["message"].isascii()
    assert tokens(answer.fields) < 300


@pytest.mark.parametrize("tool", [tool.name for tool in TOOLS])
def test_P6_every_tool_leaves_a_decision_and_an_outcome(tmp_path: Path, tool: str) -> None:
    lab, home = copied(tmp_path)
    before = lab.journal.entries()[-1].seq
    arguments: dict[str, dict[str, Any]] = {
        "compile": {"text": FIRST},
        "search": {"scope": "docs"},
        "run": {"run_id": home.first["run_id"]},
        "compare": {"ids": [home.first["experiment_id"], home.second["experiment_id"]]},
        "deploy": {"plan_id": "plan_none"},
    }
    ask(lab, tool, **arguments[tool])
    kinds = [entry.kind for entry in lab.journal.entries(after=before)]
    assert kinds[0] == "decision"
    assert kinds[-1] == "outcome"


def test_P1_a_bundle_that_permits_nothing_refuses_every_tool(tmp_path: Path) -> None:
    lab, home = copied(tmp_path)
    nothing = default_bundle().model_copy(
        update={"agents": frozenset(), "anyone": frozenset(), "roles": {}}
    )
    locked = replace(lab, gate=replace(lab.gate, bundle=nothing))
    experiment = home.first["experiment_id"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("compile", {"text": FIRST}),
        ("search", {}),
        ("run", {"text": FIRST, "dataset": "sim"}),
        ("run", {"run_id": home.first["run_id"]}),
        ("run", {"cancel": home.first["run_id"]}),
        ("compare", {"ids": [experiment, home.second["experiment_id"]]}),
        ("deploy", {"id": experiment, "limits": LIMITS}),
        ("deploy", {"id": experiment, "limits": LIMITS, "stage": "live"}),
        ("deploy", {"plan_id": "plan_x"}),
        ("deploy", {"withdraw": "plan_x"}),
        ("deploy", {"stop": "plan_x"}),
    ]
    assert {name for name, _ in calls} == {tool.name for tool in TOOLS}
    for name, arguments in calls:
        answer = ask(locked, name, **arguments)
        assert answer.fields["code"] == "AF403", (name, answer.fields)
        assert answer.fields["decision_id"]
        assert answer.exit_code == 1


def test_a_stranger_to_the_tenant_sees_ids_as_if_they_did_not_exist(tmp_path: Path) -> None:
    lab, home = copied(tmp_path)
    own, none = home.first, "0" * 20
    for tool, mine, absent in (
        ("run", {"run_id": own["run_id"]}, {"run_id": f"run_{none}"}),
        ("run", {"cancel": own["run_id"]}, {"cancel": f"run_{none}"}),
        ("run", {"id": own["experiment_id"]}, {"id": f"exp_{none}"}),
        ("search", {"text": own["experiment_id"]}, {"text": f"exp_{none}"}),
        ("search", {"like": own["experiment_id"]}, {"like": f"exp_{none}"}),
    ):
        theirs = ask(lab, tool, principal=STRANGER, **mine)
        nobodys = ask(lab, tool, principal=STRANGER, **absent)
        assert theirs.fields["code"] == nobodys.fields["code"] == "AF404"
    assert ask(lab, "search", principal=STRANGER).fields["total"] == 0


def test_what_breaks_inside_is_logged_and_told_without_its_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab, _ = copied(tmp_path)
    lab.experiments.close()
    answer = ask(lab, "compile", text=FIRST)
    assert answer.fields["code"] == "AF500"
    assert answer.exit_code == 4
    assert "sqlite" not in str(answer.fields).lower()
    assert str(tmp_path) not in str(answer.fields)
    assert "tool.broke" in capsys.readouterr().err


def test_default_answers_stay_below_two_thousand_tokens(tmp_path: Path) -> None:
    lab, home = copied(tmp_path)
    experiment = home.first["experiment_id"]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("compile", {"text": FIRST}),
        ("compile", {"text": "rank(" * 20 + "clse" + ")" * 20}),
        ("run", {"run_id": home.first["run_id"]}),
        ("compare", {"ids": [experiment, home.second["experiment_id"]]}),
        *[
            ("search", {"scope": scope})
            for scope in ("experiments", "operators", "datasets", "docs", "templates")
        ],
    ]
    for name, arguments in calls:
        answer = ask(lab, name, **arguments)
        assert tokens(answer.fields) <= 2_000, (name, arguments, tokens(answer.fields))
        assert "\n" not in answer.text
        assert len(answer.text) <= 700


def test_answers_about_many_long_experiments_stay_bounded(tmp_path: Path) -> None:
    lab, home = copied(tmp_path)
    known = lab.experiments.get(home.first["experiment_id"])
    for number in range(12):
        lab.experiments.record(
            replace(
                known,
                id=f"exp_{number:020}",
                run_fingerprint=f"run_{number}",
                name="a_long_name_" * 10,
                text="\n".join(f"line {number} {row} " + "x" * 150 for row in range(60)),
                canonical=f"rank(close * {number}) + " * 60,
                settings={f"setting_{row}": f"{number} " * 40 for row in range(40)},
            )
        )
    ids = [f"exp_{number:020}" for number in range(10)]
    for name, arguments, most in (
        ("search", {}, 2_000),
        ("search", {"text": "close rank"}, 2_000),
        ("search", {"limit": 50}, ANSWER_TOKENS_MAX),
        ("compare", {"ids": ids[:3]}, 2_000),
        ("compare", {"ids": ids}, 4_000),
    ):
        asked: dict[str, Any] = arguments
        answer = ask(lab, name, **asked)
        assert not answer.is_error, answer.fields
        assert tokens(answer.fields) <= most, (name, arguments, tokens(answer.fields))


def test_the_largest_page_stays_below_the_hard_cap() -> None:
    answer = ask(shared(), "search", scope="operators", limit=50)
    assert not answer.is_error
    assert tokens(answer.fields) <= ANSWER_TOKENS_MAX


def test_the_kind_of_a_caller_is_never_an_argument(lab: Lab) -> None:
    human = replace(AGENT, kind=Kind.HUMAN)
    for name in ("kind", "principal", "roles", "sponsor", "tenant"):
        answer = call_tool(lab, "search", {name: human.kind.value}, principal=AGENT)
        assert f"unknown argument `{name}`" in answer.fields["message"]


def test_reading_actions_are_known_as_such_to_the_journal() -> None:
    # A read is journalled without an fsync; were it missing here, each search would wait for one.
    assert {"search", "compare", "compile", "run.read", "deploy.read"} <= {a.value for a in READS}
