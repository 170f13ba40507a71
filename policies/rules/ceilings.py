"""The sum of what one lineage has asked for stays under the stage's ceilings."""

from decimal import Decimal

from ..action import Action
from ..decision import Forbid
from ..model import Bundle
from ..request import Request


def decide(request: Request, bundle: Bundle) -> Forbid | None:
    """Forbid a plan that, with what its lineage has already, passes the ceiling."""
    if request.action is not Action.DEPLOY_REQUEST or request.stage not in bundle.ceilings:
        return _no_ceiling(request)
    ceiling = bundle.ceilings[request.stage]
    # One big request split into many gives the same sum (SAFETY P9).
    total = _amount(request, "capital") + _amount(request, "lineage_capital")
    if total > ceiling.capital:
        return Forbid(
            f"capital {total} of this lineage would pass the ceiling {ceiling.capital} "
            f"of stage {request.stage}",
            code="capital_ceiling",
        )
    gross = _amount(request, "max_gross")
    if gross > ceiling.gross:
        return Forbid(
            f"gross {gross} is above the ceiling {ceiling.gross} of stage {request.stage}",
            code="gross_ceiling",
        )
    return None


def _no_ceiling(request: Request) -> Forbid | None:
    if request.action is not Action.DEPLOY_REQUEST:
        return None
    return Forbid(f"stage {request.stage} has no ceiling, so nothing fits it", code="no_ceiling")


def _amount(request: Request, name: str) -> Decimal:
    value = request.facts.get(name, Decimal(0))
    if isinstance(value, (Decimal, int)) and not isinstance(value, bool):
        return Decimal(value)
    raise TypeError(f"fact `{name}` is no amount")
