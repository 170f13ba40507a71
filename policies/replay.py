"""What would other rules have said: judge journalled requests again, with no effect at all."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ..core.chain import Entry
from ..core.errors import InvalidInputError
from ..core.principals import Kind, Principal, stage_of
from .action import Action
from .decision import Decision, Effect
from .gate import DECISION
from .judge import judge
from .model import Bundle
from .request import Fact, Request


@dataclass(frozen=True, slots=True)
class Changed:
    """One journalled decision that a candidate bundle would decide otherwise."""

    seq: int
    decision_id: str
    action: str
    before: Effect
    after: Decision


def request_from_fields(table: Mapping[str, object]) -> Request:
    """Read a request as ``Request.fields`` wrote it.

    Raises:
        InvalidInputError: when it is none; an action that no longer exists is one such case.
    """
    try:
        asker, facts = table["principal"], table.get("facts", {})
        decimals = table.get("decimals", [])
        if (
            not isinstance(asker, Mapping)
            or not isinstance(facts, Mapping)
            or not isinstance(decimals, list)
        ):
            raise TypeError("principal and facts are tables")  # noqa: TRY301  # One way out.
        return Request(
            action=Action(str(table["action"])),
            principal=Principal(
                id=str(asker["id"]),
                kind=Kind(str(asker["kind"])),
                roles=frozenset(str(role) for role in asker.get("roles", [])),
                tenant=str(asker.get("tenant", "local")),
                sponsor=str(asker.get("sponsor", "")),
            ),
            stage=stage_of(str(table.get("stage", "research"))),
            resource=str(table.get("resource", "")),
            facts={
                str(name): _fact(value, is_decimal=name in decimals)
                for name, value in facts.items()
            },
        )
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise InvalidInputError(
            f"this is no request: {error}",
            help='write {"action", "principal": {"id", "kind", "roles"}, "stage", "facts"}',
        ) from error


def changed(entries: Iterable[Entry], candidate: Bundle) -> Iterator[Changed]:
    """Give the journalled decisions whose effect the candidate changes."""
    for entry in entries:
        if entry.kind != DECISION:
            continue
        asked, told = entry.body.get("request"), entry.body.get("decision")
        if not isinstance(asked, dict) or not isinstance(told, dict):
            continue
        before = Effect(str(told["effect"]))
        after = judge(request_from_fields(asked), candidate)
        if after.effect is not before:
            yield Changed(entry.seq, entry.decision_id, str(asked["action"]), before, after)


def _fact(value: object, *, is_decimal: bool) -> Fact:
    if is_decimal:
        return Decimal(str(value))
    if isinstance(value, (bool, int, str)):
        return value
    raise InvalidInputError(f"a fact is a `{type(value).__name__}`")
