"""What the MCP adapter works with: a lab that opens on the first call, and who listens in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from ..core.principals import Principal

if TYPE_CHECKING:
    from ..tools.errors import ToolAnswer
    from ..tools.lab import Lab


class Recorder(Protocol):
    """Hear every call at the tool door; ``evals`` writes sessions with it."""

    def opened(self, lab: "Lab", principal: Principal) -> None:
        """Hear that the lab is open, before the first call is worked on."""
        ...

    def asked(self, tool: str, arguments: Mapping[str, object]) -> int:
        """Hear a call; the number returned names it."""
        ...

    def answered(self, number: int, answer: "ToolAnswer") -> None:
        """Hear what that call came to."""
        ...

    def close(self) -> None:
        """Hear that the session is over."""
        ...


class NoRecorder:
    """Record nothing."""

    def opened(self, lab: "Lab", principal: Principal) -> None:
        """Hear, and forget."""

    def asked(self, tool: str, arguments: Mapping[str, object]) -> int:  # noqa: ARG002
        """Hear, and forget."""
        return 0

    def answered(self, number: int, answer: "ToolAnswer") -> None:
        """Hear, and forget."""

    def close(self) -> None:
        """Hear, and forget."""


@dataclass(slots=True)
class Desk:
    """Where calls are worked on: opens the lab once, on the first call, from whatever thread."""

    open_lab: "Callable[[], Lab]"
    principal: Principal
    recorder: Recorder = field(default_factory=NoRecorder)
    _lab: "Lab | None" = None
    _lock: Lock = field(default_factory=Lock)

    def lab(self) -> "Lab":
        """Return the lab; a failure to open it is not remembered, the next call tries again."""
        with self._lock:
            if self._lab is None:
                self._lab = self._opened()
            return self._lab

    def _opened(self) -> "Lab":
        from ..policies.action import Action
        from ..policies.gate import enforce
        from ..policies.request import Request

        lab = self.open_lab()
        # Serving is judged here and not at the start: policy and journal cost time to open.
        enforce(Request(Action.SERVE, self.principal), gate=lab.gate, work=lambda _decision: None)
        self.recorder.opened(lab, self.principal)
        return lab

    def close(self) -> None:
        """End the recording; stores are left as they are, each write was whole."""
        self.recorder.close()
