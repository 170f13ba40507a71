"""What a bundle holds: the numbers and lists that the rules read, named by their hash."""

from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ..core.canonical import canonical_json, plain, tagged_hash
from ..core.principals import Kind, Stage
from .action import Action
from .decision import Effect
from .quorum import QuorumPolicy

TAG = "alphaforge.policy.bundle.v1"


def _exact(value: object) -> object:
    if isinstance(value, (float, bool)):
        raise ValueError('write the number as text, such as "1000.5"')  # noqa: TRY004  # pydantic's
    return value


Exact = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, allow_inf_nan=False)]
FactIn = Annotated[int | str | bool, Field(union_mode="smart")]


class Part(BaseModel):
    """A piece of a bundle: frozen, and refusing names it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Ceiling(Part):
    """The most that one lineage may ask for at a stage."""

    capital: Exact
    gross: Exact


class Budget(Part):
    """What one lineage may use up."""

    runs_per_hour: int = Field(ge=0)
    pending_max: int = Field(ge=0)


class Queue(Part):
    """The times and rates of the approval queue."""

    decide_hours_max: int = Field(ge=1)
    run_days_max: int = Field(ge=1)
    cool_down_hours: int = Field(ge=0)
    approvals_per_hour: int = Field(ge=1)


class FixturePrincipal(Part):
    """Who asks in a fixture."""

    kind: Kind
    roles: frozenset[str] = frozenset()
    sponsor: str = ""


class Fixture(Part):
    """A request and the effect it must have; all run when a bundle is loaded.

    A fact whose text starts with ``#`` is a decimal: ``"#1000.5"``.
    """

    name: str
    action: Action
    principal: FixturePrincipal
    stage: Stage = Stage.RESEARCH
    facts: dict[str, FactIn] = {}
    effect: Effect


class Bundle(Part):
    """One version of the house's rules in numbers; ``hash`` names it."""

    version: Literal[1] = Field(default=1, alias="schema")
    name: str
    roles: dict[str, frozenset[Action]]  # what a human with that role may do
    humans: frozenset[Action]  # what any human may do
    agents: frozenset[Action]
    services: frozenset[Action]
    anyone: frozenset[Action]
    approver_roles: frozenset[str]
    venues: dict[Stage, tuple[str, ...]]
    demo_venues: tuple[str, ...]
    restricted_instruments: frozenset[str] = frozenset()
    ceilings: dict[Stage, Ceiling]
    budget: Budget
    queue: Queue
    quorums: dict[str, QuorumPolicy]
    fixtures: tuple[Fixture, ...]

    @cached_property
    def hash(self) -> str:
        """Return the hash of the whole content, fixtures included."""
        return tagged_hash(TAG, canonical_json(self.fields()))

    def fields(self) -> dict[str, object]:
        """Return the bundle as JSON values."""
        found: dict[str, object] = plain(self.model_dump(by_alias=True))
        return found

    def quorum(self, tier: str) -> QuorumPolicy:
        """Return the quorum of a tier; an unknown tier has the strictest one there is."""
        strictest = max(self.quorums.values(), key=lambda policy: policy.signatures)
        return self.quorums.get(tier, strictest)
