"""How long work tells its caller how far it is."""

from collections.abc import Callable

# done, total, what is being done; called from the thread that works.
Report = Callable[[float, float, str], None]


def silent(done: float, total: float, message: str) -> None:
    """Report to nobody."""
