"""A meaning printed in a notation: the language's own, or Qlib's where it has the words."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...core.diagnostics import Diagnostic, Severity, Span
from ...core.errors import InvalidInputError, InvalidTextError
from ..catalogue import Catalogue
from ..strategy_text import strategy_text
from .qlib_text import qlib_text

if TYPE_CHECKING:
    from ..compile import Compilation

TARGETS = ("af", "qlib")


@dataclass(frozen=True, slots=True)
class Printed:
    """A text, or nothing and why not; findings that are no errors go along with a text."""

    text: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()


def print_as(made: "Compilation", target: str, catalogue: Catalogue) -> Printed:
    """Print what a text means; compiled again, it has the same signal fingerprint, or a note.

    Raises:
        InvalidInputError: when nothing is printed in that notation.
    """
    if not target or made.strategy is None:
        return Printed()
    if target not in TARGETS:
        raise InvalidInputError(
            f"nothing is printed in `{target[:40]}`", help="there are `af` and `qlib`"
        )
    is_bare = made.source_kind == "expression"
    if target == "af":
        return Printed(made.canonical if is_bare else strategy_text(made.strategy))
    text, causes = qlib_text(made.strategy.signal, catalogue)
    if not is_bare:
        message = "only the signal is printed"
        help_ = "universe, portfolio and costs are no formulas: Qlib has them in its own settings"
        causes = (*causes, Diagnostic("AF359", message, help=help_, severity=Severity.NOTE))
    if text and not _means_the_same(text, made, catalogue):
        message = "read again, the text has another fingerprint"
        help_ = "its values are the same up to rounding: Qlib has no word for one of the parts"
        causes = (*causes, Diagnostic("AF361", message, help=help_, severity=Severity.NOTE))
    return Printed(text, causes)


def _means_the_same(text: str, made: "Compilation", catalogue: Catalogue) -> bool:
    from ..compile import compile_text

    assert made.strategy is not None
    seconds = made.strategy.bar_seconds
    again = compile_text(text, catalogue, bar_seconds=seconds, dialect="qlib")
    return again.signal_fingerprint == made.signal_fingerprint


def in_own_words(made: "Compilation", catalogue: Catalogue) -> "Compilation":
    """Return the same meaning as a compilation of the language's own text.

    What is stored and run is that text, so that it means the same whoever reads it later.

    Raises:
        InvalidTextError: when that text would pass a ceiling, such as that of nested brackets.
    """
    from ..compile import compile_text

    if made.strategy is None or made.dialect == "af":
        return made
    again = compile_text(made.canonical, catalogue, bar_seconds=made.strategy.bar_seconds)
    if again.strategy is None:
        message = "the formula passes a ceiling when it is written in the language itself"
        reason = next((item.message for item in again.diagnostics), "it is too large")
        where = Span(0, min(1, len(made.text)))
        raise InvalidTextError([Diagnostic("AF261", message, where, reason)], made.text)
    assert again.fingerprint == made.fingerprint, "a canonical form means itself"
    return again
