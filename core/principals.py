"""Who asks, and how near to money the asking is."""

from dataclasses import dataclass
from enum import StrEnum

DEFAULT_TENANT = "local"


class Kind(StrEnum):
    """What a principal is; it comes from how it authenticated, never from a request."""

    HUMAN = "human"
    AGENT = "agent"
    SERVICE = "service"


class Stage(StrEnum):
    """How near to money: research < paper < staging < live."""

    RESEARCH = "research"
    PAPER = "paper"
    STAGING = "staging"
    LIVE = "live"


def stage_of(text: str) -> Stage:
    """Read a stage; an unknown one counts as live, so that a typing error never loosens a rule."""
    return Stage(text) if text in {stage.value for stage in Stage} else Stage.LIVE


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated identity; ``sponsor`` is the human behind an agent."""

    id: str
    kind: Kind
    roles: frozenset[str] = frozenset()
    tenant: str = DEFAULT_TENANT
    sponsor: str = ""

    @property
    def lineage(self) -> str:
        """Return the human in whose name this principal acts; quotas are counted by it."""
        return self.sponsor or self.id
