"""What a tool is: words for the agent, models for the wire, an action for the gate, the work."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from ..core.principals import Principal
from ..core.progress import Report

if TYPE_CHECKING:
    from ..policies.decision import Decision
    from ..policies.request import Request
    from .lab import Lab


class Input(BaseModel):
    """Arguments of a tool; a name that is not listed is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Output(BaseModel):
    """Fields of a tool's answer."""

    model_config = ConfigDict(frozen=True)


@dataclass(frozen=True, slots=True)
class Hints:
    """What a host may assume of a tool before it asks its user."""

    is_read_only: bool
    is_destructive: bool = False
    is_idempotent: bool = True
    is_open_world: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """One call: who asks, how to tell progress, and whether the caller has gone."""

    principal: Principal
    request_id: str
    report: Report
    is_cancelled: Callable[[], bool]


I = TypeVar("I", bound=Input)  # noqa: E741  # Input; its mate is O.
O = TypeVar("O", bound=Output)  # noqa: E741


@dataclass(frozen=True, slots=True)
class Deed(Generic[O]):
    """What a call comes down to: the request that the gate judges, and the work behind it.

    ``ask`` is done instead of ``work`` when humans must sign first.
    """

    request: "Request"
    work: "Callable[[Decision], O]"
    ask: "Callable[[Decision], O] | None" = None


@dataclass(frozen=True, slots=True)
class Tool(Generic[I, O]):
    """One tool, one file: ``TOOL = Tool(...)``.

    ``deed`` only gathers the facts of the request; the work it returns is done by the gate alone.
    """

    name: str
    title: str
    description: str
    input: type[I]
    output: type[O]
    hints: Hints
    deed: "Callable[[Lab, Call, I], Deed[O]]"
    summary: Callable[[O], str]


AnyTool = Tool[Any, Any]
