"""Public sets of features, written out from their definitions: names and texts, nothing run."""

from collections.abc import Callable, Mapping

from ...core.errors import InvalidInputError
from . import alpha158, alpha360

# Each set is a function from nothing to the texts by name, in the dialect it is published in.
_SETS: Mapping[str, Callable[[], Mapping[str, str]]] = {
    "alpha158": alpha158.features,
    "alpha360": alpha360.features,
}
NAMES = tuple(_SETS)
DIALECT = "qlib"


def feature_set(name: str) -> Mapping[str, str]:
    """Return the texts of a set by the names of its features, in its own order.

    Raises:
        InvalidInputError: when there is none of that name.
    """
    if name not in _SETS:
        listed = ", ".join(f"`{known}`" for known in NAMES)
        raise InvalidInputError(
            f"there is no feature set `{name[:40]}`", help=f"there are {listed}"
        )
    return _SETS[name]()


__all__ = ["DIALECT", "NAMES", "feature_set"]
