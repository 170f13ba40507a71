"""Bundles: named by their content, checked in shape, held to their fixtures."""

import json
from typing import Any

import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.core.principals import Stage
from alphaforge.policies.bundle import bundle_from_text, default_bundle
from alphaforge.policies.decision import Effect


def table() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(default_bundle().fields()))
    return found


def test_P4_the_shipped_bundle_reads_back_under_the_same_name() -> None:
    again = bundle_from_text(json.dumps(table()), "bundle.json")
    assert again == default_bundle()
    assert again.hash == default_bundle().hash


def test_P4_any_change_gives_another_name() -> None:
    changed = table()
    changed["ceilings"]["live"]["capital"] = "999999"
    assert bundle_from_text(json.dumps(changed), "b.json").hash != default_bundle().hash


def test_P4_a_failing_fixture_refuses_the_bundle() -> None:
    loose = table()
    loose["agents"] = [action for action in loose["agents"] if action != "compile"]
    with pytest.raises(InvalidInputError, match="an agent compiles"):
        bundle_from_text(json.dumps(loose), "b.json")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("colour",), "red", "colour"),
        (("budget", "runs_an_hour"), 5, "runs_an_hour"),
        (("budget", "runs_per_hour"), -1, "runs_per_hour"),
        (("ceilings", "live", "capital"), 1.5, "float"),
        (("agents",), ["compile", "fly"], "agents"),
        (("quorums", "live", "signatures"), 0, "signatures"),
        (("schema",), 2, "schema"),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)
def test_P4_a_bundle_of_another_shape_is_refused_by_name(
    path: tuple[str, ...], value: object, words: str
) -> None:
    spoiled = table()
    place = spoiled
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(InvalidInputError, match=words):
        bundle_from_text(json.dumps(spoiled), "b.json")


def test_a_bundle_may_be_toml_with_exact_numbers() -> None:
    text = TOML.replace("CAPITAL", '"1000.50"')
    bundle = bundle_from_text(text, "b.toml")
    assert str(bundle.ceilings[Stage.LIVE].capital) == "1000.50"
    assert bundle.fixtures[0].effect is Effect.DENY
    with pytest.raises(InvalidInputError, match="is a float"):
        bundle_from_text(TOML.replace("CAPITAL", "1000.50"), "b.toml")


TOML = """
schema = 1
name = "small"
humans = ["audit.read"]
agents = []
services = []
anyone = []
approver_roles = ["risk"]
demo_venues = ["sim"]
[roles]
risk = ["approval.approve"]
[venues]
live = ["sim"]
[ceilings.live]
capital = CAPITAL
gross = "2000"
[budget]
runs_per_hour = 1
pending_max = 1
[queue]
decide_hours_max = 1
run_days_max = 1
cool_down_hours = 1
approvals_per_hour = 1
[quorums.live]
signatures = 2
roles_needed = ["risk"]
roles_counted = ["risk"]
[[fixtures]]
name = "agents do nothing here"
action = "compile"
principal = { kind = "agent" }
effect = "deny"
"""


def test_an_unknown_tier_has_the_strictest_quorum() -> None:
    bundle = default_bundle()
    assert bundle.quorum("moon") == bundle.quorum("live")
    assert bundle.quorum("live").signatures == 2
    assert bundle.quorum("live").roles_needed == ("risk",)
