"""Dataset and field names are registry keys: exact, short, and safe as one path segment."""

import re

from ..core.diagnostics import echo
from ..core.errors import InvalidInputError

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_SYMBOL = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:/\-]{0,63}\Z")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_OUTSIDE = re.compile(r"[^a-z0-9]+")


def require_name(name: str) -> str:
    """Return the name of a dataset.

    Raises:
        InvalidInputError: when it is not a lower-case word of at most 64 characters.
    """
    if not is_name(name):
        raise InvalidInputError(
            f"`{echo(name)}` is not a dataset name",
            help="use a lower-case letter, then letters, digits and `_`, at most 64 characters",
        )
    return name


def is_name(text: str) -> bool:
    """Tell whether a text can name a dataset."""
    return _NAME.match(text) is not None


def is_symbol(text: str) -> bool:
    """Tell whether a text can name an instrument."""
    return _SYMBOL.match(text) is not None


def field_name(column: str) -> str:
    """Return the field that a column becomes: ``PriceUSD`` gives ``price_usd``; empty: no name."""
    words = _OUTSIDE.sub("_", _WORD_START.sub("_", column.strip()).lower()).strip("_")
    return words if _NAME.match(words) else ""
