"""What a rule says, and the one decision made of all that the rules said."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..core.canonical import plain


class Effect(StrEnum):
    """The three outcomes; code that knows only two must treat the middle one as deny."""

    ALLOW = "allow"
    NEEDS_APPROVAL = "needs_approval"
    DENY = "deny"


@dataclass(frozen=True, slots=True)
class Permit:
    """This rule lets it happen, unless another asks for approval or forbids."""

    sentence: str


@dataclass(frozen=True, slots=True)
class NeedsApproval:
    """This rule asks for signatures of humans; ``tier`` names the quorum."""

    sentence: str
    tier: str = "live"
    code: str = "approval_needed"


@dataclass(frozen=True, slots=True)
class Forbid:
    """This rule says no, whatever the others say."""

    sentence: str
    code: str = "forbidden"
    next: str = ""


Verdict = Permit | NeedsApproval | Forbid


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of the policy to one request: returned, journalled and shown as it is."""

    id: str
    effect: Effect
    rule_ids: tuple[str, ...]
    overridden: tuple[str, ...]
    bundle_hash: str
    input_hash: str
    reason_codes: tuple[str, ...]
    sentence: str
    tier: str = ""
    next: str = ""
    errors: tuple[str, ...] = ()

    def fields(self) -> Mapping[str, object]:
        """Return the decision as JSON values."""
        found: dict[str, object] = plain(self)
        return found
