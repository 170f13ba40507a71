"""The bundle that ships: numbers to start from, and fixtures that hold it to the promise."""

from functools import cache

from ..core.principals import Kind, Stage
from .action import Action
from .decision import Effect
from .fixtures import checked
from .model import Budget, Bundle, Ceiling, Fixture, FixturePrincipal, Queue
from .quorum import QuorumPolicy

RESEARCH = frozenset(
    {
        Action.COMPILE,
        Action.SEARCH,
        Action.RUN,
        Action.RUN_READ,
        Action.CANCEL_RUN,
        Action.COMPARE,
        Action.EVAL,
        Action.REPORT,
        Action.DATA_READ,
        Action.PACK_READ,
        Action.POLICY_READ,
        Action.DEPLOY_REQUEST,
        Action.DEPLOY_READ,
        Action.APPROVAL_READ,
        Action.WITHDRAW,
        Action.DEPLOY_STOP,
    }
)
ANYONE = frozenset({Action.LOCAL, Action.SERVE, Action.KILL_SET, Action.KILL_READ})
HUMANS = frozenset(
    {
        Action.AUDIT_READ,
        Action.POLICY_READ,
        Action.KEY_NEW,
        Action.KEY_LIST,
        Action.DEPLOY_READ,
        Action.APPROVAL_READ,
        Action.GATEWAY_READ,
        Action.DEMO,
        # Both only lower risk.
        Action.REVOKE,
        Action.DEPLOY_STOP,
    }
)
DECIDING = frozenset(
    {Action.APPROVE, Action.REJECT, Action.KEY_ENROLL, Action.KEY_REVOKE, Action.KILL_CLEAR}
)
ROLES = {
    "researcher": RESEARCH
    | {Action.DATA_IMPORT, Action.MEMORY_REBUILD, Action.EVALS, Action.PACK_TRUST},
    "pm": RESEARCH | DECIDING | {Action.GATEWAY_START, Action.GATEWAY_RESUME},
    "approver": DECIDING | {Action.GATEWAY_RESUME},
    "risk": DECIDING | {Action.GATEWAY_RESUME, Action.POLICY_ACTIVATE},
    "devops": frozenset(
        {
            Action.DATA_IMPORT,
            Action.DATA_READ,
            Action.MEMORY_REBUILD,
            Action.EVALS,
            Action.PACK_READ,
            Action.PACK_TRUST,
            Action.GATEWAY_START,
            Action.GATEWAY_RESUME,
        }
    ),
    "auditor": frozenset({Action.RUN_READ, Action.DATA_READ, Action.PACK_READ}),
}
SERVICES = frozenset({Action.GATEWAY_START, Action.GATEWAY_ORDER, Action.GATEWAY_CANCEL})
DECIDERS = frozenset({"pm", "approver", "risk"})


@cache
def default_bundle() -> Bundle:
    """Return the shipped bundle, its fixtures checked."""
    return checked(
        Bundle(
            name="default",
            roles=ROLES,
            humans=HUMANS,
            agents=RESEARCH,
            services=SERVICES,
            anyone=ANYONE,
            approver_roles=DECIDERS,
            venues={Stage.PAPER: ("sim",), Stage.STAGING: ("sim",), Stage.LIVE: ("sim",)},
            demo_venues=("sim",),
            ceilings={
                Stage.PAPER: _ceiling("10000000", "50000000"),
                Stage.STAGING: _ceiling("1000000", "2000000"),
                Stage.LIVE: _ceiling("1000000", "2000000"),
            },
            budget=Budget(runs_per_hour=2_400, pending_max=3),
            queue=Queue(
                decide_hours_max=72, run_days_max=30, cool_down_hours=24, approvals_per_hour=6
            ),
            quorums={
                "staging": QuorumPolicy(signatures=1, roles_counted=DECIDERS),
                "live": QuorumPolicy(signatures=2, roles_needed=("risk",), roles_counted=DECIDERS),
            },
            fixtures=_fixtures(),
        )
    )


def _ceiling(capital: str, gross: str) -> Ceiling:
    return Ceiling.model_validate({"capital": capital, "gross": gross})


def _fixtures() -> tuple[Fixture, ...]:
    agent = FixturePrincipal(kind=Kind.AGENT, sponsor="ana")
    risk = FixturePrincipal(kind=Kind.HUMAN, roles=frozenset({"risk"}))
    service = FixturePrincipal(kind=Kind.SERVICE)
    plan = {
        "venue": "sim",
        "capital": "#10000",
        "max_gross": "#20000",
        "lineage_capital": "#0",
        "pending": 0,
        "instruments": "BTCUSDT,ETHUSDT",
        "is_cooling_down": False,
    }
    order = {"venue": "sim", "is_risk_increasing": True}

    def case(
        name: str,
        action: Action,
        principal: FixturePrincipal,
        effect: Effect,
        stage: Stage = Stage.RESEARCH,
        **facts: object,
    ) -> Fixture:
        row = {"name": name, "action": action, "principal": principal, "effect": effect}
        return Fixture.model_validate(row | {"stage": stage, "facts": facts})

    allow, ask, deny = Effect.ALLOW, Effect.NEEDS_APPROVAL, Effect.DENY
    live, paper = Stage.LIVE, Stage.PAPER
    return (
        case("an agent compiles", Action.COMPILE, agent, allow),
        case("an agent runs", Action.RUN, agent, allow, runs_last_hour=3),
        case("an agent deploys to paper", Action.DEPLOY_REQUEST, agent, allow, paper, **plan),
        case("an agent asks for live", Action.DEPLOY_REQUEST, agent, ask, live, **plan),
        case("an agent approves", Action.APPROVE, agent, deny, live),
        case("a service approves", Action.APPROVE, service, deny, live),
        case("a risk officer approves", Action.APPROVE, risk, allow, live),
        case("an agent enrolls a key", Action.KEY_ENROLL, agent, deny),
        case("an agent pulls the kill switch", Action.KILL_SET, agent, allow),
        case("an agent clears it", Action.KILL_CLEAR, agent, deny),
        case("a risk officer clears it", Action.KILL_CLEAR, risk, allow),
        case(
            "an order under a valid approval",
            Action.GATEWAY_ORDER,
            service,
            allow,
            live,
            approval_is_valid=True,
            **order,
        ),
        case(
            "an order without one",
            Action.GATEWAY_ORDER,
            service,
            deny,
            live,
            approval_is_valid=False,
            **order,
        ),
        case("an agent sends an order", Action.GATEWAY_ORDER, agent, deny, live, **order),
    )
