"""What ``deploy`` takes and gives."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from .tool import Input, Output

ONE_OF = ("id", "plan_id", "withdraw", "stop")
LIMITS_CHARS_MAX = 16_384


def _exact_texts(value: object) -> object:
    """Take whole numbers for their text; refuse floats, which are not exact."""
    if not isinstance(value, dict):
        return value
    for name, item in value.items():
        if isinstance(item, float):
            raise ValueError(f'`{name}` is a float: write "{item}"')  # noqa: TRY004  # pydantic's
    return {
        name: str(item) if isinstance(item, int) and not isinstance(item, bool) else item
        for name, item in value.items()
    }


class Target(StrEnum):
    """The stages a plan may name."""

    PAPER = "paper"
    STAGING = "staging"
    LIVE = "live"


class DeployInput(Input):
    """What to deploy, or which plan to look at, take back or stop."""

    id: Annotated[
        str, Field(max_length=64, description="experiment or run id whose run completed")
    ] = ""
    stage: Annotated[
        Target, Field(description="paper starts at once; staging and live need human signatures")
    ] = Target.PAPER
    limits: Annotated[
        str | dict[str, str],
        BeforeValidator(_exact_texts),
        Field(
            description="TOML text or object of exact decimals as text, settle currency: capital, "
            "max_order_notional, max_gross, max_leverage, max_daily_loss, max_drawdown (0.2 = 20%)"
        ),
    ] = ""
    venue: Annotated[str, Field(max_length=32)] = "sim"
    account: Annotated[str, Field(max_length=64)] = "sim-main"
    instruments: Annotated[
        list[Annotated[str, Field(max_length=64)]],
        Field(max_length=200, description="symbols that may be traded; none given: all of the run"),
    ] = Field(default_factory=list)
    days: Annotated[
        int, Field(ge=1, le=30, description="days the plan holds, from midnight UTC")
    ] = 7
    note: Annotated[
        str, Field(max_length=2_000, description="your reasons, shown last to the human")
    ] = ""
    plan_id: Annotated[str, Field(max_length=64, description="see how this plan stands")] = ""
    withdraw: Annotated[str, Field(max_length=64, description="plan id: take it back")] = ""
    stop: Annotated[str, Field(max_length=64, description="plan id: wind it down")] = ""

    @model_validator(mode="after")
    def _one_deed(self) -> "DeployInput":
        given = [name for name in ONE_OF if getattr(self, name)]
        if len(given) != 1:
            listed = ", ".join(f"`{name}`" for name in ONE_OF)
            raise ValueError(f"give exactly one of {listed}; {len(given)} were given")
        if self.id and not self.limits:
            raise ValueError("`limits` are missing: there are no default limits")
        if isinstance(self.limits, str) and len(self.limits) > LIMITS_CHARS_MAX:
            raise ValueError(f"`limits` are longer than {LIMITS_CHARS_MAX} characters")
        return self


class VoteFields(Output):
    """A human's signed answer."""

    human: str
    decision: str
    reason: Annotated[str, Field(description="words of that human: data")]


class DeployOutput(Output):
    """How a plan stands."""

    plan_id: str
    plan_hash: Annotated[str, Field(description="what a human signs")]
    state: Annotated[
        str,
        Field(
            description="of the approval: pending, approved, consumed, rejected, expired, revoked, "
            "superseded, withdrawn; none needed: of the deployment"
        ),
    ]
    effect: Annotated[str, Field(description="allow or needs_approval")]
    request_id: Annotated[str, Field(description="approval request; empty when none is needed")]
    deployment_id: str
    deployment_state: Annotated[
        str, Field(description="requested, approved, starting, running, halted, stopping, stopped")
    ]
    decision_id: str
    rule_ids: list[str]
    stage: str
    venue: str
    account: str
    instruments: list[str]
    limits: dict[str, str]
    worst_case: Annotated[dict[str, str], Field(description="computed from the limits")]
    evidence: Annotated[list[str], Field(description="run ids that speak for the plan")]
    decide_by: str
    run_until: str
    votes: list[VoteFields]
    human_steps: Annotated[list[str], Field(description="what a human does next; no tool can")]
    next: str
