"""The facts that rules look at, by name; a needed one that is absent denies (SAFETY P1).

| fact | type | meaning |
|---|---|---|
| ``runs_last_hour`` | int | runs this lineage started in the last hour |
| ``venue`` | str | the venue's name, such as ``sim`` |
| ``capital`` | Decimal | capital the plan asks for |
| ``max_gross`` | Decimal | the plan's largest gross notional |
| ``lineage_capital`` | Decimal | capital this lineage has pending, approved or running already |
| ``pending`` | int | live requests of this lineage that wait for humans |
| ``instruments`` | str | the plan's instruments, joined by commas |
| ``is_cooling_down`` | bool | this very plan was rejected a short while ago |
| ``plan_bundle_hash`` | str | the bundle the plan was made under: ``plan.bundle_hash`` |
| ``quorum_is_met`` | bool | verified signatures suffice; computed from keys, never from a row |
| ``has_demo_keys`` | bool | a demo key is among the signatures |
| ``approval_is_valid`` | bool | the verified approval is inside its times, unrevoked |
| ``is_risk_increasing`` | bool | the order enlarges a position or an exposure |

``runs.approvals.Approvals.facts`` computes those of a deploy request.
"""

from collections.abc import Mapping
from types import MappingProxyType

from .action import Action

FACTS_NEEDED: Mapping[Action, tuple[str, ...]] = MappingProxyType(
    {
        Action.RUN: ("runs_last_hour",),
        Action.DEPLOY_REQUEST: (
            "venue",
            "capital",
            "max_gross",
            "lineage_capital",
            "pending",
            "instruments",
            "is_cooling_down",
        ),
        Action.GATEWAY_START: ("venue", "plan_bundle_hash"),
        Action.GATEWAY_ORDER: ("venue", "approval_is_valid", "is_risk_increasing"),
    }
)
