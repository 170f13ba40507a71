"""Fixtures: requests that a bundle says the outcome of, judged when it is loaded."""

from collections.abc import Iterator
from decimal import Decimal

from ..core.errors import InvalidInputError
from ..core.principals import Principal
from .decision import Decision
from .judge import judge
from .model import Bundle, FactIn, Fixture
from .request import Fact, Request


def failing(bundle: Bundle) -> Iterator[tuple[Fixture, Decision]]:
    """Give each fixture that is decided otherwise than it says."""
    for fixture in bundle.fixtures:
        decision = judge(request_of(fixture), bundle)
        if decision.effect is not fixture.effect:
            yield fixture, decision


def checked(bundle: Bundle) -> Bundle:
    """Run the fixtures of a bundle and return it.

    Raises:
        InvalidInputError: naming the fixture that is decided otherwise than it says.
    """
    for fixture, decision in failing(bundle):
        raise InvalidInputError(
            f"fixture `{fixture.name}` says {fixture.effect}, the rules say {decision.effect}: "
            f"{decision.sentence}",
            help="mend the bundle or the fixture; the bundle in force stays",
        )
    return bundle


def request_of(fixture: Fixture) -> Request:
    """Return the request that a fixture describes."""
    asker = fixture.principal
    return Request(
        action=fixture.action,
        principal=Principal("fixture", asker.kind, asker.roles, sponsor=asker.sponsor),
        stage=fixture.stage,
        facts={name: _fact(value) for name, value in fixture.facts.items()},
    )


def _fact(value: FactIn) -> Fact:
    if isinstance(value, str) and value.startswith("#"):
        return Decimal(value[1:])
    return value
