"""A fact that a rule needs and nobody gave is a no, never a shrug."""

from ..decision import Forbid
from ..facts import FACTS_NEEDED
from ..model import Bundle
from ..request import Request


def decide(request: Request, _bundle: Bundle) -> Forbid | None:
    """Forbid when a needed fact is absent."""
    needed = FACTS_NEEDED.get(request.action, ())
    missing = [name for name in needed if name not in request.facts]
    if not missing:
        return None
    return Forbid(f"the facts {', '.join(missing)} are missing", code="missing_fact")
