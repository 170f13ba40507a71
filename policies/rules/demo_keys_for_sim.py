"""Signatures by demo keys count on the simulated venue alone."""

from ..decision import Forbid
from ..model import Bundle
from ..request import Request


def decide(request: Request, bundle: Bundle) -> Forbid | None:
    """Forbid a start on a real venue that demo keys have signed."""
    if request.facts.get("has_demo_keys", False) is False:
        return None
    if request.facts.get("venue") in bundle.demo_venues:
        return None
    venue = request.facts.get("venue", "")
    return Forbid(f"demo keys cannot sign for the venue `{venue}`", code="demo_key")
