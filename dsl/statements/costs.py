"""``costs taker 5bp, slippage 2bp, funding on``: what trading costs."""

from dataclasses import replace

from ..desk import Desk
from ..statement import Changes, statement
from ..strategy import Costs
from ..syntax import Settings


@statement(
    "costs",
    start="settings",
    form="costs taker 5bp, slippage 2bp, funding on",
    words=("taker", "slippage", "funding"),
    later={"maker": "all trades take: say `taker`", "impact": "say it in `slippage`"},
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read the costs; what is not said stays at its default."""
    said = desk.by_word(body)
    costs = Costs()
    taker = desk.basis_points(said.get("taker"))
    slippage = desk.basis_points(said.get("slippage"))
    funding = desk.switch(said.get("funding"))
    return {
        "costs": replace(
            costs,
            taker_bp=costs.taker_bp if taker is None else taker,
            slippage_bp=costs.slippage_bp if slippage is None else slippage,
            has_funding=costs.has_funding if funding is None else funding,
        )
    }
