"""What is asked of the policy: an action, who asks, how near to money, and exact facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from ..core.canonical import INTEGER_MAX, plain, tagged_hash
from ..core.canonical import canonical_json as _canonical_json
from ..core.errors import InvalidInputError
from ..core.principals import Principal, Stage
from .action import Action

Fact = int | Decimal | str | bool

TAG = "alphaforge.policy.request.v1"
DIGITS_MAX = 40
TEXT_MAX = 4096


@dataclass(frozen=True, slots=True)
class Request:
    """One question to the policy; ``policies/facts.py`` names the facts each action needs."""

    action: Action
    principal: Principal
    stage: Stage = Stage.RESEARCH
    resource: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse inexact facts, and freeze the rest.

        Raises:
            InvalidInputError: for a float, NaN, an infinity, an over-long number or text.
        """
        for name, value in self.facts.items():
            _check(name, value)
        object.__setattr__(self, "facts", MappingProxyType(dict(self.facts)))

    def fields(self) -> dict[str, object]:
        """Return the request as JSON values; ``decimals`` names the facts that were decimals."""
        decimals = sorted(name for name, value in self.facts.items() if isinstance(value, Decimal))
        asked = {
            "action": self.action,
            "principal": self.principal,
            "stage": self.stage,
            "resource": self.resource,
            "facts": self.facts,
            "decimals": decimals,
        }
        found: dict[str, object] = plain(asked)
        return found

    def hash(self) -> str:
        """Return the hash of everything the decision may look at."""
        return tagged_hash(TAG, _canonical_json(self.fields()))


def _check(name: str, value: object) -> None:
    if isinstance(value, bool):
        return
    if isinstance(value, str):
        if len(value) > TEXT_MAX:
            raise InvalidInputError(f"fact `{name}` is longer than {TEXT_MAX} characters")
        return
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise InvalidInputError(f"fact `{name}` is beyond 2**53")
        return
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value.adjusted()) > DIGITS_MAX:
            raise InvalidInputError(f"fact `{name}` is `{value}`, not a number of normal size")
        return
    raise InvalidInputError(
        f"fact `{name}` is a `{type(value).__name__}`",
        help="policy facts are whole numbers, exact decimals, texts or booleans; never floats",
    )
