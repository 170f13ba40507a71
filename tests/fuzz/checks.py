"""What must hold of any text whatsoever, in every dialect; one function, for pytest and atheris."""

import time

from alphaforge.core.diagnostics import render_all
from alphaforge.dsl import Catalogue, Compilation, compile_text, limits
from alphaforge.dsl.dialects import NAMES, OWN
from alphaforge.dsl.layout import format_text

CATALOGUE = Catalogue.builtin()
DIALECTS = NAMES
# One text in, one answer out: bounded whatever the text (SAFETY D9).
ANSWER_CHARS_MAX = 40_000
MESSAGE_CHARS_MAX = 300
# What no answer may show: a trace, a path of the host.
TRACES = ("Traceback", 'File "', ".py", "site-packages", "object at 0x")


class BrokenPromiseError(AssertionError):
    """A text for which the compiler or the formatter does not keep a promise."""


def check(text: str, dialect: str, *, seconds_max: float) -> Compilation:
    """Compile and format a text, and check all that is promised of the answers.

    Raises:
        BrokenPromiseError: naming the promise.
    """
    # The processor's time: other work on the machine is no fault of the compiler.
    start = time.process_time()
    made = compile_text(text, CATALOGUE, dialect=dialect)
    _that(time.process_time() - start <= seconds_max, "the time is bounded")
    _that(made.is_ok == bool(made.fingerprint), "a meaning has a name")
    _that(made.is_ok or bool(made.diagnostics), "a text without a meaning is told why")
    _check_answer(made, text)
    if made.is_ok:
        _check_meaning(made)
    if dialect == OWN:
        _check_layout(made, text)
    return made


def _check_answer(made: Compilation, text: str) -> None:
    _that(len(made.diagnostics) <= 2 * limits.DIAGNOSTICS_MAX + 1, "findings are bounded")
    for item in made.diagnostics:
        _that(len(item.message) <= MESSAGE_CHARS_MAX, "messages are bounded")
        _that(item.span is not None, "each finding has a place")
        spans = [span for span in (item.span, item.fix.span if item.fix else None) if span]
        for span in spans:
            _that(0 <= span.start <= span.end <= len(text), "places lie in the text")
    shown = render_all(made.diagnostics, text)
    _that(len(shown) <= ANSWER_CHARS_MAX, "the answer is bounded")
    _that(shown.isascii(), "the answer is ASCII")
    _that(all(char == "\n" or char.isprintable() for char in shown), "the answer can be seen")
    said = " ".join(f"{item.message} {item.help}" for item in made.diagnostics)
    hidden = [word for word in TRACES if word in said and word not in text]
    _that(not hidden, f"the answer shows no {hidden}")


def _check_meaning(made: Compilation) -> None:
    strategy = made.require()
    if strategy.sources:
        # Its fields carry the names of data sets, which a bare formula does not name.
        return
    again = compile_text(made.canonical, CATALOGUE, bar_seconds=strategy.bar_seconds)
    _that(again.canonical == made.canonical, "the canonical form is its own")
    _that(again.signal_fingerprint == made.signal_fingerprint, "one meaning has one name")


def _check_layout(made: Compilation, text: str) -> None:
    laid_out = format_text(text)
    _that(format_text(laid_out) == laid_out, "a formatted text is its own")
    again = compile_text(laid_out, CATALOGUE)
    _that(again.is_ok == made.is_ok, "a format keeps a text right or wrong")
    _that(again.fingerprint == made.fingerprint, "a format keeps the meaning")


def _that(holds: bool, promise: str) -> None:  # noqa: FBT001  # As in a sentence.
    if not holds:
        raise BrokenPromiseError(promise)
