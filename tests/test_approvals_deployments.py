"""Deployments: created once, moved by one table, journalled first."""

from pathlib import Path

import pytest

from alphaforge.core.clock import SteppedClock
from alphaforge.core.errors import ImpossibleMoveError, NotFoundError
from alphaforge.core.journal import Journal
from alphaforge.core.principals import Stage
from alphaforge.runs.deployments import MOVES, Deployments, State
from alphaforge.tests.humans import AGENT, NOON, PLAN, plan_with


@pytest.fixture
def deployments(tmp_path: Path) -> Deployments:
    clock = SteppedClock(NOON)
    journal = Journal(tmp_path / "audit" / "j.db", clock)
    return Deployments(tmp_path / "control.db", journal, clock)


def test_the_way_of_a_deployment(deployments: Deployments) -> None:
    made = deployments.create(PLAN, principal=AGENT, text="rank(close)", request_id="apr_1")
    assert (made.state, made.plan, made.lineage) == (State.REQUESTED, PLAN, AGENT.lineage)
    way = (State.APPROVED, State.STARTING, State.RUNNING, State.STOPPING, State.STOPPED)
    for to in way:
        assert deployments.move(made.deployment_id, to, by="test").state is to
    journal = deployments._journal.entries()
    assert [entry.kind for entry in journal] == ["deployment.created"] + ["deployment.moved"] * 5
    assert {entry.plan_hash for entry in journal} == {made.plan_hash}


def test_a_paper_deployment_waits_for_nobody(deployments: Deployments) -> None:
    made = deployments.create(plan_with(stage=Stage.PAPER), principal=AGENT, text="rank(close)")
    assert (made.state, made.request_id) == (State.APPROVED, "")


def test_the_same_plan_and_request_are_one_deployment(deployments: Deployments) -> None:
    first = deployments.create(PLAN, principal=AGENT, text="t", request_id="apr_1")
    assert deployments.create(PLAN, principal=AGENT, text="t", request_id="apr_1") == first
    other = deployments.create(PLAN, principal=AGENT, text="t", request_id="apr_2")
    assert other.deployment_id != first.deployment_id
    assert deployments.of_request("apr_2") == other
    assert deployments.of_request("apr_3") is None


def test_a_step_that_is_not_in_the_table_is_refused(deployments: Deployments) -> None:
    made = deployments.create(PLAN, principal=AGENT, text="t", request_id="apr_1")
    with pytest.raises(ImpossibleMoveError):
        deployments.move(made.deployment_id, State.RUNNING, by="test")
    deployments.move(made.deployment_id, State.STOPPED, by="test")
    for to in set(State) - {State.STOPPED}:
        with pytest.raises(ImpossibleMoveError):
            deployments.move(made.deployment_id, to, by="test")
    assert MOVES[State.STOPPED] == frozenset()


def test_I6_another_tenant_sees_nothing(deployments: Deployments) -> None:
    made = deployments.create(PLAN, principal=AGENT, text="t", request_id="apr_1")
    with pytest.raises(NotFoundError):
        deployments.get(made.deployment_id, tenant="other")
    with pytest.raises(NotFoundError):
        deployments.move(made.deployment_id, State.STOPPED, by="x", tenant="other")
    assert deployments.deployments("other") == []
    assert deployments.deployments(states=[State.REQUESTED]) == [made]
    assert deployments.deployments(states=[State.RUNNING]) == []
