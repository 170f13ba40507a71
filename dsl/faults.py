"""The list in which one compile gathers what it finds, so that all faults are told at once."""

from dataclasses import dataclass, field

from ..core.diagnostics import Diagnostic, Fix, Severity, Span
from .limits import DIAGNOSTICS_MAX


@dataclass(slots=True)
class Faults:
    """What was found so far; past the ceiling only the count goes on."""

    found: list[Diagnostic] = field(default_factory=list)
    left_out: int = 0
    count: int = 0  # of all that was ever added, twins too

    @property
    def has_errors(self) -> bool:
        """Tell whether anything found stops the compile."""
        return any(item.severity is Severity.ERROR for item in self.found)

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        help: str = "",  # noqa: A002  # The word of the rendered message.
        fix: Fix | None = None,
    ) -> None:
        """Add a fault that stops the compile."""
        self.add(Diagnostic(code, message, span, help, fix))

    def warn(
        self,
        code: str,
        message: str,
        span: Span,
        help: str = "",  # noqa: A002
        fix: Fix | None = None,
    ) -> None:
        """Add what the author should know, but may have meant."""
        self.add(Diagnostic(code, message, span, help, fix, Severity.WARNING))

    def note(
        self,
        code: str,
        message: str,
        span: Span,
        help: str = "",  # noqa: A002
        fix: Fix | None = None,
    ) -> None:
        """Add what the compiler did on its own."""
        self.add(Diagnostic(code, message, span, help, fix, Severity.NOTE))

    def add(self, item: Diagnostic) -> None:
        """Add one finding; a twin of an earlier one adds nothing."""
        self.count += 1
        if len(self.found) >= DIAGNOSTICS_MAX:
            self.left_out += 1
        elif item not in self.found:
            self.found.append(item)

    def in_order(self) -> tuple[Diagnostic, ...]:
        """Return the findings in the order of the text, errors first at one place."""
        rank = list(Severity)
        ordered = sorted(
            self.found, key=lambda item: (item.span or Span(0, 0), rank.index(item.severity))
        )
        if self.left_out:
            ordered.append(
                Diagnostic(
                    "AF129",
                    f"{self.left_out} more findings are not shown",
                    help="mend the ones above first",
                    severity=Severity.NOTE,
                )
            )
        return tuple(ordered)
