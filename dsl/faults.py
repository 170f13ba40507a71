"""The list in which one compile gathers what it finds, so that all faults are told at once."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..core.diagnostics import Diagnostic, Fix, Severity, Span
from ..core.nearest import nearest
from .limits import DIAGNOSTICS_MAX


@dataclass(slots=True)
class Faults:
    """What was found so far; past the ceilings nothing is kept, but that there is more."""

    found: list[Diagnostic] = field(default_factory=list)
    has_more: bool = False
    count: int = 0  # of all that was ever added, twins too
    # Set when parts of the text could not be read: what its values are is a guess then.
    is_guessing: bool = False
    # Set when the text is in another dialect: a warning's fix is in words of this one.
    is_foreign: bool = False
    _kept: Counter[bool] = field(default_factory=Counter)

    @property
    def is_full(self) -> bool:
        """Tell whether no further error would be kept, so that looking for more is in vain."""
        return self._kept[True] >= DIAGNOSTICS_MAX

    @property
    def has_errors(self) -> bool:
        """Tell whether anything found stops the compile."""
        return self._kept[True] > 0

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
        fix = None if self.is_foreign else fix
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
        if self.is_guessing and item.severity is not Severity.ERROR:
            return
        # Errors and the rest have a ceiling each: no warning keeps an error from being told.
        is_error = item.severity is Severity.ERROR
        if self._kept[is_error] >= DIAGNOSTICS_MAX:
            self.has_more = True
        elif item not in self.found:
            self.found.append(item)
            self._kept[is_error] += 1

    def nearest(self, word: str, known: Iterable[str]) -> str | None:
        """Give the closest known name, or nothing when none is close or no error would be shown.

        Looking takes longer than all else that is done with a wrong word.
        """
        return None if self.is_full else nearest(word, known)

    def in_order(self) -> tuple[Diagnostic, ...]:
        """Return the findings in the order of the text, errors first at one place."""
        rank = list(Severity)
        ordered = sorted(
            self.found, key=lambda item: (item.span or Span(0, 0), rank.index(item.severity))
        )
        if self.has_more:
            ordered.append(
                Diagnostic(
                    "AF129",
                    "there is more to find, which is not shown",
                    ordered[-1].span,
                    help="mend the ones above first",
                    severity=Severity.NOTE,
                )
            )
        return tuple(ordered)
