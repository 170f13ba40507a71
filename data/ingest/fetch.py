"""How an ingest reaches the world: a step goes out, bytes come back, faults have names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from ...core.errors import AlphaForgeError, InvalidInputError
from .source import Step


@dataclass(frozen=True, slots=True)
class Payload:
    """The bytes of an answer, as received."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Fetch(Protocol):
    """Ask for one step, once; called from several threads."""

    def fetch(self, step: Step) -> Payload:
        """Return the answer.

        Raises:
            TryAgainError: when the same request may well be answered later.
            AbsentError: when the place has nothing under that name.
            InvalidInputError: when the request can never be answered.
            LimitError: when the answer is larger than one may be.
        """
        ...


class TryAgainError(AlphaForgeError):
    """A source did not answer, or not with what it promised; it may the next time."""

    code = "AF760"

    def __init__(self, message: str, *, after_seconds: float = 0.0, help: str = "") -> None:  # noqa: A002
        """Keep how long the source asked to be left alone."""
        super().__init__(message, help=help or "ask again later: what was fetched is kept")
        self.after_seconds = after_seconds


class LongPauseError(TryAgainError):
    """A source asks to be left alone for longer than an ingest waits."""


class AbsentError(AlphaForgeError):
    """A source has nothing under that name."""

    code = "AF761"


class ChangedSchemaError(InvalidInputError):
    """A payload no longer has the shape that its source is known for."""

    code = "AF762"


class BackwardsError(InvalidInputError):
    """A source answers with times before those that were asked for."""

    code = "AF763"
