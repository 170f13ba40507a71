"""How many humans must sign, of which roles; one tier is one quorum."""

from pydantic import BaseModel, ConfigDict, Field

from ..core.canonical import canonical_json, plain, tagged_hash

TAG = "alphaforge.policy.quorum.v1"


class QuorumPolicy(BaseModel):
    """The quorum of one tier: distinct humans, and one of each role in ``roles_needed``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signatures: int = Field(ge=1)
    roles_needed: tuple[str, ...] = ()
    roles_counted: frozenset[str]

    def hash(self) -> str:
        """Return the hash that each signature carries: a vote counts for this quorum only."""
        return tagged_hash(TAG, canonical_json(plain(self.model_dump())))
