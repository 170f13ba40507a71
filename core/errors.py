"""The tree of errors a caller may catch by name.

AlphaForgeError
+- InvalidTextError          a text has faults; carries all its diagnostics
+- InvalidInputError         an argument or file cannot be used as it is
|  +- UsageError             the words of a command or call do not fit together
+- NotFoundError             no such id or name
+- RefusedError              policy said no; carries the decision
|  +- ApprovalNeededError    policy said: a human must sign first
+- ConflictError             the state changed, or does not allow this step
|  +- ImpossibleMoveError    the transition table has no such step
+- LimitError                a budget, size or time bound was reached
+- MissingExtraError         an optional component is not installed
+- TamperedError             a chain, hash or signature does not verify
+- NotCanonicalError         a value has no canonical form
+- BrokenError               our own part broke: a worker died, a store is unreadable
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .diagnostics import Diagnostic


class AlphaForgeError(Exception):
    """Something is wrong; says what, and the next move."""

    code = "AF900"
    exit_code = 1

    def __init__(self, message: str, *, code: str = "", help: str = "", next: str = "") -> None:  # noqa: A002
        """Keep the message, the stable code, the help line and the next call to make."""
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.help = help
        self.next = next


class InvalidTextError(AlphaForgeError):
    """A strategy text has faults."""

    code = "AF100"

    def __init__(self, diagnostics: "Sequence[Diagnostic]", text: str) -> None:
        """Keep all the faults of the text."""
        first = diagnostics[0]
        super().__init__(first.message, code=first.code, help=first.help)
        self.diagnostics = tuple(diagnostics)
        self.text = text


class InvalidInputError(AlphaForgeError):
    """An argument or a file cannot be used as it is."""

    code = "AF901"


class UsageError(InvalidInputError):
    """The words of a command or call do not fit together."""

    code = "AF902"
    exit_code = 2


class NotFoundError(AlphaForgeError):
    """No such id or name is known to this caller."""

    code = "AF404"


class RefusedError(AlphaForgeError):
    """Policy refused; ``decision_id`` and ``rule_ids`` say which rules."""

    code = "AF403"

    def __init__(  # noqa: PLR0913  # The fields of one refusal.
        self,
        message: str,
        *,
        decision_id: str,
        rule_ids: Sequence[str],
        code: str = "",
        help: str = "",  # noqa: A002
        next: str = "",  # noqa: A002
    ) -> None:
        """Keep the decision that refused."""
        super().__init__(message, code=code, help=help, next=next)
        self.decision_id = decision_id
        self.rule_ids = tuple(rule_ids)


class ApprovalNeededError(RefusedError):
    """Policy asks for signatures of humans before this may happen."""

    code = "AF402"


class ConflictError(AlphaForgeError):
    """The state has changed, or does not allow this step."""

    code = "AF409"


class ImpossibleMoveError(ConflictError):
    """The transition table has no such step."""

    code = "AF410"

    def __init__(self, state: str, to: str) -> None:
        """Name both states."""
        super().__init__(f"cannot go from `{state}` to `{to}`")


class LimitError(AlphaForgeError):
    """A budget, size or time bound was reached."""

    code = "AF429"


class MissingExtraError(AlphaForgeError):
    """An optional component is not installed."""

    code = "AF501"
    exit_code = 3

    def __init__(self, extra: str, purpose: str) -> None:
        """Name the extra and what it is for."""
        super().__init__(
            f"{purpose} needs the extra `{extra}`, which is not installed",
            help=f"pip install 'alphaforge[{extra}]'",
        )


class TamperedError(AlphaForgeError):
    """A chain, hash or signature does not verify."""

    code = "AF600"


class NotCanonicalError(AlphaForgeError):
    """A value has no canonical form."""

    code = "AF601"


class BrokenError(AlphaForgeError):
    """Our own part broke: a worker died, a store cannot be read."""

    code = "AF500"
    exit_code = 4
