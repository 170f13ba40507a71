"""What a command of the CLI is: words, an action for the gate, and the work behind it."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from ..core.home import Home
from ..core.principals import Principal

if TYPE_CHECKING:
    from ..policies.gate import Gate
    from ..policies.request import Request
    from ..tools.lab import Lab
    from .settings import Settings


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command says: fields for ``--json``, text for people, and the exit code.

    The text of an error goes to standard error.
    """

    data: Mapping[str, object]
    text: str = ""
    exit_code: int = 0
    is_error: bool = False


@dataclass(frozen=True)
class Session:
    """One invocation: where the home is, who asks, and what it may open when needed."""

    home: Home
    settings: "Settings"
    principal: Principal
    is_json: bool = False
    extras: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def lab(self) -> "Lab":
        """Open the stores and services of the home, once."""
        from .compose import open_lab

        return open_lab(self.home)

    @cached_property
    def gate(self) -> "Gate":
        """Open the gate alone: policy, journal, ids."""
        from .compose import open_gate

        return open_gate(self.home)


@dataclass(frozen=True, slots=True)
class Command:
    """One command, one file in ``server/commands``: ``COMMAND = Command(...)``.

    ``request`` names the action that the gate judges before ``run``; a command that calls one of
    the five tools has none (None), since the tool's own door asks the gate.
    """

    name: str
    help: str
    configure: Callable[[ArgumentParser], None]
    run: Callable[[Session, Namespace], Answer]
    request: "Callable[[Session, Namespace], Request] | None"
