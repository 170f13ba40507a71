"""The shipped rules: a table of who may do what, and the promises the table must keep."""

from decimal import Decimal
from itertools import permutations

import pytest

from alphaforge.core.errors import InvalidInputError
from alphaforge.core.principals import Kind, Principal, Stage, stage_of
from alphaforge.policies.action import Action
from alphaforge.policies.bundle import Bundle, default_bundle
from alphaforge.policies.decision import Decision, Effect, Forbid, NeedsApproval, Permit, Verdict
from alphaforge.policies.judge import Rule, judge, shipped_rules
from alphaforge.policies.request import Fact, Request
from alphaforge.policies.rules.humans_only import HUMANS_ONLY
from alphaforge.tests.humans import AGENT, DEPLOY, GATEWAY, SAM

BUNDLE = default_bundle()
RESEARCHER = Principal("human:res", Kind.HUMAN, frozenset({"researcher"}))
AUDITOR = Principal("human:aud", Kind.HUMAN, frozenset({"auditor"}))
RISK = Principal("human:rik", Kind.HUMAN, frozenset({"risk"}))
NOBODY = Principal("human:new", Kind.HUMAN)
ALLOW, ASK, DENY = Effect.ALLOW, Effect.NEEDS_APPROVAL, Effect.DENY

ORDER: dict[str, Fact] = {
    "venue": "sim",
    "approval_is_valid": True,
    "is_risk_increasing": True,
}
START: dict[str, Fact] = {"venue": "sim", "plan_bundle_hash": BUNDLE.hash}


def decided(
    action: Action,
    principal: Principal,
    stage: Stage = Stage.RESEARCH,
    bundle: Bundle = BUNDLE,
    /,
    **facts: Fact,
) -> Decision:
    return judge(Request(action, principal, stage, facts=facts), bundle)


@pytest.mark.parametrize(
    ("principal", "action", "effect"),
    [
        (AGENT, Action.COMPILE, ALLOW),
        (AGENT, Action.SEARCH, ALLOW),
        (AGENT, Action.COMPARE, ALLOW),
        (AGENT, Action.KILL_SET, ALLOW),
        (AGENT, Action.DATA_IMPORT, DENY),
        (AGENT, Action.AUDIT_READ, DENY),
        (AGENT, Action.KEY_LIST, DENY),
        (RESEARCHER, Action.COMPILE, ALLOW),
        (RESEARCHER, Action.DATA_IMPORT, ALLOW),
        (RESEARCHER, Action.APPROVE, DENY),
        (RESEARCHER, Action.KILL_CLEAR, DENY),
        (RESEARCHER, Action.AUDIT_READ, ALLOW),
        (AUDITOR, Action.AUDIT_READ, ALLOW),
        (AUDITOR, Action.COMPILE, DENY),
        (AUDITOR, Action.KEY_ENROLL, DENY),
        (AUDITOR, Action.KILL_SET, ALLOW),
        (RISK, Action.APPROVE, ALLOW),
        (RISK, Action.REJECT, ALLOW),
        (RISK, Action.KILL_CLEAR, ALLOW),
        (RISK, Action.KEY_ENROLL, ALLOW),
        (RISK, Action.DATA_IMPORT, DENY),
        (NOBODY, Action.COMPILE, DENY),
        (NOBODY, Action.REVOKE, ALLOW),
        (GATEWAY, Action.COMPILE, DENY),
        (GATEWAY, Action.APPROVE, DENY),
        (GATEWAY, Action.GATEWAY_CANCEL, ALLOW),
        (SAM, Action.GATEWAY_ORDER, DENY),
    ],
    ids=lambda value: getattr(value, "id", str(value)),
)
def test_who_may_do_what(principal: Principal, action: Action, effect: Effect) -> None:
    assert decided(action, principal).effect is effect


@pytest.mark.parametrize("action", sorted(HUMANS_ONLY))
def test_A1_no_agent_or_service_may_decide_for_humans(action: Action) -> None:
    for kind in (Kind.AGENT, Kind.SERVICE):
        # Even one that claims every role there is, under a bundle that gives it everything.
        claimed = Principal("x", kind, frozenset({"pm", "risk", "approver", "devops"}))
        generous = BUNDLE.model_copy(
            update={
                "agents": frozenset(Action),
                "services": frozenset(Action),
                "anyone": frozenset(Action),
            }
        )
        decision = decided(action, claimed, Stage.RESEARCH, generous)
        assert decision.effect is DENY
        assert "humans_only" in decision.rule_ids
        assert decision.overridden, "the forbid must beat a permit, or this shows nothing"


def test_P1_what_no_rule_permits_is_denied() -> None:
    decision = decided(Action.COMPILE, NOBODY)
    assert (decision.effect, decision.rule_ids) == (DENY, ())
    assert decision.reason_codes == ("default_deny",)


@pytest.mark.parametrize("name", sorted(DEPLOY))
def test_P1_a_missing_fact_denies(name: str) -> None:
    facts = {key: value for key, value in DEPLOY.items() if key != name}
    assert decided(Action.DEPLOY_REQUEST, AGENT, Stage.PAPER, **DEPLOY).effect is ALLOW
    decision = decided(Action.DEPLOY_REQUEST, AGENT, Stage.PAPER, **facts)
    assert decision.effect is DENY
    assert "missing_fact" in decision.reason_codes


@pytest.mark.parametrize("name", ["capital", "lineage_capital", "max_gross", "pending"])
def test_P1_a_fact_of_another_type_denies(name: str) -> None:
    facts = DEPLOY | {name: "many"}
    decision = decided(Action.DEPLOY_REQUEST, AGENT, Stage.LIVE, **facts)
    assert (decision.effect, decision.reason_codes) == (DENY, ("policy_error",))


def permit(_request: Request, _bundle: Bundle) -> Verdict:
    return Permit("yes")


def forbid(_request: Request, _bundle: Bundle) -> Verdict:
    return Forbid("no")


def ask(_request: Request, _bundle: Bundle) -> Verdict:
    return NeedsApproval("sign")


def silent(_request: Request, _bundle: Bundle) -> None:
    return None


def broken(_request: Request, _bundle: Bundle) -> Verdict:
    raise ZeroDivisionError("inside a rule")


def odd(_request: Request, _bundle: Bundle) -> Verdict:
    return "allow"  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("rules", "effect"),
    [
        ((), DENY),
        ((silent,), DENY),
        ((permit,), ALLOW),
        ((permit, silent), ALLOW),
        ((permit, ask), ASK),
        ((ask,), DENY),
        ((permit, forbid), DENY),
        ((permit, ask, forbid), DENY),
        ((permit, broken), DENY),
        ((permit, ask, broken), DENY),
        ((permit, odd), DENY),
    ],
    ids=lambda value: "+".join(rule.__name__ for rule in value) if isinstance(value, tuple) else "",
)
def test_P2_the_strictest_rule_wins_in_any_order(rules: tuple[Rule, ...], effect: Effect) -> None:
    request = Request(Action.COMPILE, AGENT)
    seen = set()
    for order in permutations(rules):
        named = {f"{rule.__name__}": rule for rule in order}
        decision = judge(request, BUNDLE, rules=named)
        assert decision.effect is effect
        seen.add(decision)
    assert len(seen) == 1, "the order of the rules changed the decision"


def test_P1_an_error_in_a_rule_is_told_with_the_decision() -> None:
    decision = judge(
        Request(Action.COMPILE, AGENT), BUNDLE, rules={"permit": permit, "broken": broken}
    )
    assert decision.rule_ids == ("broken",)
    assert "ZeroDivisionError" in decision.errors[0]
    assert decision.overridden == ("permit",)


def test_P3_a_decision_says_who_decided_and_what_was_overridden() -> None:
    decision = judge(Request(Action.APPROVE, AGENT), BUNDLE, decision_id="dec_1")
    assert decision.id == "dec_1"
    assert decision.rule_ids == ("approvers_only", "humans_only")
    assert "human_only" in decision.reason_codes
    assert decision.bundle_hash == BUNDLE.hash
    assert decision.input_hash == Request(Action.APPROVE, AGENT).hash()
    assert "for humans" in decision.sentence
    assert decision.next


def test_P3_equal_requests_hash_equal_and_others_do_not() -> None:
    first = Request(Action.RUN, AGENT, facts={"a": 1, "b": Decimal("1.0")})
    assert first.hash() == Request(Action.RUN, AGENT, facts={"b": Decimal(1), "a": 1}).hash()
    others = [
        Request(Action.RUN, AGENT, facts={"a": 1, "b": "1"}),
        Request(Action.RUN, AGENT, facts={"a": 2, "b": Decimal(1)}),
        Request(Action.RUN, SAM, facts={"a": 1, "b": Decimal(1)}),
        Request(Action.RUN, AGENT, Stage.LIVE, facts={"a": 1, "b": Decimal(1)}),
    ]
    assert len({first.hash(), *(other.hash() for other in others)}) == 5


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), Decimal("NaN"), Decimal("Infinity"), Decimal("1e60"), 2**60, "x" * 5000],
    ids=str,
)
def test_P8_inexact_facts_are_refused_at_the_boundary(value: object) -> None:
    with pytest.raises(InvalidInputError, match="fact `n`"):
        Request(Action.RUN, AGENT, facts={"n": value})  # type: ignore[dict-item]


def test_P8_exact_facts_are_taken() -> None:
    facts: dict[str, Fact] = {"a": 1, "b": Decimal("0.1"), "c": "x", "d": True}
    assert Request(Action.RUN, AGENT, facts=facts).facts == facts


def test_facts_cannot_be_changed_after_the_question() -> None:
    facts: dict[str, Fact] = {"pending": 5}
    request = Request(Action.RUN, AGENT, facts=facts)
    facts["pending"] = 0
    assert request.facts["pending"] == 5


@pytest.mark.parametrize("stage", [Stage.STAGING, Stage.LIVE])
def test_A1_a_deploy_beyond_paper_is_asked_for(stage: Stage) -> None:
    for who in (AGENT, SAM, RESEARCHER):
        decision = decided(Action.DEPLOY_REQUEST, who, stage, **DEPLOY)
        assert (decision.effect, decision.tier) == (ASK, stage.value)
    assert decided(Action.DEPLOY_REQUEST, AGENT, Stage.PAPER, **DEPLOY).effect is ALLOW


def test_unknown_stage_counts_as_live() -> None:
    assert stage_of("prod") is Stage.LIVE
    assert decided(Action.DEPLOY_REQUEST, AGENT, stage_of("prod"), **DEPLOY).effect is ASK


def test_A1_an_agent_cannot_bring_its_own_quorum() -> None:
    facts = DEPLOY | {"quorum_is_met": True}
    decision = decided(Action.DEPLOY_REQUEST, AGENT, Stage.LIVE, **facts)
    assert (decision.effect, "forged_fact" in decision.reason_codes) == (DENY, True)


def test_A6_an_agent_without_a_sponsor_cannot_ask_for_live() -> None:
    orphan = Principal("agent:x", Kind.AGENT, frozenset({"agent"}))
    decision = decided(Action.DEPLOY_REQUEST, orphan, Stage.LIVE, **DEPLOY)
    assert "sponsor_missing" in decision.reason_codes
    assert decided(Action.DEPLOY_REQUEST, orphan, Stage.PAPER, **DEPLOY).effect is ALLOW


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"capital": Decimal(1000001)}, "capital_ceiling"),
        ({"lineage_capital": Decimal(990001)}, "capital_ceiling"),
        ({"max_gross": Decimal(2000001)}, "gross_ceiling"),
        ({"pending": 3}, "pending_budget"),
        ({"is_cooling_down": True}, "cooling_down"),
        ({"venue": "binance"}, "venue_not_listed"),
    ],
    ids=str,
)
def test_a_live_request_over_a_bound_is_denied(change: dict[str, Fact], code: str) -> None:
    decision = decided(Action.DEPLOY_REQUEST, AGENT, Stage.LIVE, **(DEPLOY | change))
    assert (decision.effect, code in decision.reason_codes) == (DENY, True)


def test_P9_splitting_a_request_does_not_change_the_sum() -> None:
    half = DEPLOY | {"capital": Decimal(600000)}
    assert decided(Action.DEPLOY_REQUEST, AGENT, Stage.LIVE, **half).effect is ASK
    second = half | {"lineage_capital": Decimal(600000)}
    assert decided(Action.DEPLOY_REQUEST, AGENT, Stage.LIVE, **second).effect is DENY


def test_a_restricted_instrument_is_denied() -> None:
    strict = BUNDLE.model_copy(update={"restricted_instruments": frozenset({"ETHUSDT"})})
    decision = decided(Action.DEPLOY_REQUEST, AGENT, Stage.PAPER, strict, **DEPLOY)
    assert decision.reason_codes == ("restricted_instrument",)


def test_research_is_no_stage_to_deploy_to() -> None:
    decision = decided(Action.DEPLOY_REQUEST, AGENT, Stage.RESEARCH, **DEPLOY)
    assert "stage_missing" in decision.reason_codes


def test_the_runs_of_an_hour_are_counted() -> None:
    budget = BUNDLE.budget.runs_per_hour
    assert decided(Action.RUN, AGENT, runs_last_hour=budget - 1).effect is ALLOW
    assert decided(Action.RUN, AGENT, runs_last_hour=budget).reason_codes == ("runs_budget",)


@pytest.mark.parametrize("value", [False, 1, "yes"])
def test_A18_an_order_needs_an_approval_that_is_valid_now(value: Fact) -> None:
    facts = ORDER | {"approval_is_valid": value}
    assert decided(Action.GATEWAY_ORDER, GATEWAY, Stage.LIVE, **ORDER).effect is ALLOW
    decision = decided(Action.GATEWAY_ORDER, GATEWAY, Stage.LIVE, **facts)
    assert decision.reason_codes == ("approval_not_valid",)
    lowering = facts | {"is_risk_increasing": False}
    assert decided(Action.GATEWAY_ORDER, GATEWAY, Stage.LIVE, **lowering).effect is ALLOW


def test_orders_come_from_the_gateway_alone() -> None:
    for who in (AGENT, SAM):
        decision = decided(Action.GATEWAY_ORDER, who, Stage.LIVE, **ORDER)
        assert "service_only" in decision.reason_codes


def test_a_gateway_starts_live_with_a_quorum_and_current_rules_alone() -> None:
    facts = START | {"quorum_is_met": True, "has_demo_keys": False}
    assert decided(Action.GATEWAY_START, GATEWAY, Stage.LIVE, **facts).effect is ALLOW
    assert decided(Action.GATEWAY_START, GATEWAY, Stage.LIVE, **START).effect is ASK
    assert decided(Action.GATEWAY_START, GATEWAY, Stage.PAPER, **START).effect is ALLOW
    assert decided(Action.GATEWAY_START, AGENT, Stage.LIVE, **facts).effect is DENY
    unsure = facts | {"quorum_is_met": "true"}
    assert decided(Action.GATEWAY_START, GATEWAY, Stage.LIVE, **unsure).effect is ASK


def test_A11_a_plan_made_under_other_rules_does_not_start() -> None:
    facts = START | {"quorum_is_met": True, "plan_bundle_hash": "other"}
    decision = decided(Action.GATEWAY_START, GATEWAY, Stage.LIVE, **facts)
    assert decision.reason_codes == ("bundle_changed",)


def test_A17_demo_keys_sign_for_the_simulated_venue_alone() -> None:
    real = BUNDLE.model_copy(update={"venues": BUNDLE.venues | {Stage.LIVE: ("sim", "binance")}})
    facts: dict[str, Fact] = {
        "quorum_is_met": True,
        "has_demo_keys": True,
        "plan_bundle_hash": real.hash,
    }
    on_sim = decided(Action.GATEWAY_START, GATEWAY, Stage.LIVE, real, **facts, venue="sim")
    assert on_sim.effect is ALLOW
    there = decided(Action.GATEWAY_START, GATEWAY, Stage.LIVE, real, **facts, venue="binance")
    assert there.reason_codes == ("demo_key",)


def test_K1_anyone_may_pull_the_switch_and_no_agent_clears_it() -> None:
    for who in (AGENT, GATEWAY, NOBODY, AUDITOR):
        assert decided(Action.KILL_SET, who).effect is ALLOW
    assert decided(Action.KILL_CLEAR, AGENT).effect is DENY
    assert decided(Action.KILL_CLEAR, RISK).effect is ALLOW


def test_every_rule_has_one_sentence_and_a_name() -> None:
    rules = shipped_rules()
    assert len(rules) >= 12
    for name, decide in rules.items():
        assert (decide.__doc__ or "").strip(), name
