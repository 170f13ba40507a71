"""Other systems' notations: their texts become the language's own syntax, places kept.

Each dialect is a table in a file of its own: marks, how they bind, and what its operators mean
here. The one reader (``climb``) and the one lowering serve them all; then the language's binder
judges what comes out, so that a fault points into the text as it was written.
"""

from importlib import import_module

from ...core.diagnostics import Span
from ...core.errors import InvalidInputError
from ..catalogue import Catalogue
from ..faults import Faults
from ..syntax import Text
from .build import TooDeepError
from .climb import read_tokens
from .dialect import Dialect
from .lexis import tokens_of
from .lowering import Lowering

OWN = "af"
NAMES = (OWN, "alpha101", "qlib", "brain")


def dialect_named(name: str) -> Dialect:
    """Return a dialect; its table is read when it is first asked for.

    Raises:
        InvalidInputError: when there is none of that name.
    """
    if name not in NAMES[1:]:
        listed = ", ".join(f"`{known}`" for known in NAMES)
        raise InvalidInputError(f"there is no dialect `{name[:40]}`", help=f"there are {listed}")
    found = import_module(f".{name}", __name__).DIALECT
    assert isinstance(found, Dialect)
    return found


def read_dialect(text: str, name: str, catalogue: Catalogue, faults: Faults) -> Text:
    """Read a text of a dialect into the language's syntax; report what is wrong.

    Raises:
        InvalidInputError: when there is no such dialect.
    """
    dialect = dialect_named(name)
    if text.lstrip().startswith("strategy ") and "{" in text:
        start = len(text) - len(text.lstrip())
        message = f"a strategy is not part of {dialect.title}"
        help_ = "strategies are written in the dialect `af`; a text here is a formula"
        faults.error("AF250", message, Span(start, start + len("strategy")), help_)
        return Text(is_strategy=False)
    definitions, expression = read_tokens(tokens_of(text, dialect, faults), text, dialect, faults)
    if expression is None:
        return Text(is_strategy=False)
    lowering = Lowering(text, dialect, catalogue, faults)
    try:
        for definition in definitions:
            lowering.define(definition)
        made = lowering.whole(expression)
    except TooDeepError as error:
        faults.error("AF127", "the formula is too deep", error.span, "name parts of it")
        return Text(is_strategy=False)
    return Text(is_strategy=False, expression=made, definitions=tuple(lowering.definitions))


__all__ = ["NAMES", "OWN", "dialect_named", "read_dialect"]
