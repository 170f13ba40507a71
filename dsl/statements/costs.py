"""``costs taker 5bp, slippage 2bp, funding on``: what trading costs."""

from decimal import Decimal

from ..desk import Desk
from ..statement import Changes, statement
from ..strategy import Costs
from ..syntax import Setting, Settings

IMPACT_MAX = Decimal(100)


@statement(
    "costs",
    start="settings",
    form="costs taker 5bp, slippage 2bp, funding on",
    words=("taker", "maker", "maker_share", "slippage", "spread", "impact", "funding"),
    elsewhere={"fee": "write `taker 5bp`", "fees": "write `taker 5bp`"},
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read the costs; what is not said stays at its default."""
    said = desk.by_word(body)
    plain = Costs()
    taker = desk.basis_points(said.get("taker"))
    maker = desk.basis_points(said.get("maker"))
    slippage = desk.basis_points(said.get("slippage"))
    spread = desk.basis_points(said.get("spread"))
    funding = desk.switch(said.get("funding"))
    impact = desk.number(
        said.get("impact"), low=Decimal(0), high=IMPACT_MAX, form="a number such as `0.8`"
    )
    return {
        "costs": Costs(
            taker_bp=plain.taker_bp if taker is None else taker,
            slippage_bp=plain.slippage_bp if slippage is None else slippage,
            has_funding=plain.has_funding if funding is None else funding,
            maker_bp=maker,
            maker_share=_maker_share(said, desk, body),
            spread_bp=plain.spread_bp if spread is None else spread,
            impact=plain.impact if impact is None else impact,
        )
    }


def _maker_share(said: dict[str, Setting], desk: Desk, body: Settings) -> Decimal:
    """Read how much is done by waiting: it needs the fee for that, and the fee needs a share."""
    share = desk.number(
        said.get("maker_share"), low=Decimal(0), high=Decimal(1), form="a share such as `40%`"
    )
    for word, partner in (("maker", "maker_share"), ("maker_share", "maker")):
        if word in said and partner not in said and body.is_whole:
            desk.faults.error(
                "AF231",
                f"`{word}` stands without `{partner}`",
                said[word].span,
                "say both, `maker 2bp, maker_share 40%`, or remove it",
            )
    return Decimal(0) if share is None else share
