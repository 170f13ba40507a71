"""Names of accounts become names of files and locks: a small alphabet, nothing else."""

import re

from ..core.errors import InvalidInputError

_SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\Z")


def account_name(text: str) -> str:
    """Check the name of an account.

    Raises:
        InvalidInputError: when it has another character, or none.
    """
    if not _SHAPE.match(text):
        raise InvalidInputError(
            f"`{text[:80]!a}` is not an account name",
            help="letters, digits, `_` and `-`, at most 64, starting with a letter or digit",
        )
    return text
