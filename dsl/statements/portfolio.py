"""``portfolio long_short quantile Q | top_k K | weights``, and its ``gross`` and ``max_weight``."""

from decimal import Decimal

from ..desk import Desk
from ..statement import Changes, statement
from ..strategy import Portfolio, Rule
from ..syntax import Setting, Settings

HALF = Decimal("0.5")
GROSS_MAX = Decimal(10)
RULES = tuple(rule.value for rule in Rule)
_LATER = "use `long_short`, `top_k` or `weights`"


@statement(
    "portfolio",
    start="settings",
    form="portfolio long_short quantile 0.2, gross 1, max_weight 10%",
    words=(*RULES, "quantile", "gross", "max_weight"),
    later={
        "proportional": _LATER,
        "risk_parity": _LATER,
        "vol_target": _LATER,
        "net": "`long_short` is neutral by itself",
    },
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read the rule and its bounds."""
    said = desk.by_word(body)
    rules = [word for word in RULES if word in said]
    if len(rules) != 1 and not body.is_whole:
        # The rule may be the clause that was not known.
        return {}
    if len(rules) != 1:
        span = said[rules[1]].span if rules else body.settings[0].span
        desk.faults.error(
            "AF231",
            "a portfolio follows one rule" if rules else "`portfolio` lacks its rule",
            span,
            "write one of `long_short quantile 0.2`, `top_k 5` and `weights`",
        )
        return {}
    rule = Rule(rules[0])
    gross = desk.number(said.get("gross"), low=Decimal(0), high=GROSS_MAX, form="a number")
    portfolio = Portfolio(
        rule=rule,
        quantile=_quantile(rule, said, desk),
        k=desk.count(said["top_k"]) if rule is Rule.TOP_K else None,
        gross=Decimal(1) if gross is None else gross,
        weight_max=desk.number(
            said.get("max_weight"), low=Decimal(0), high=GROSS_MAX, form="a share such as `10%`"
        ),
    )
    return {"portfolio": portfolio}


def _quantile(rule: Rule, said: dict[str, Setting], desk: Desk) -> Decimal | None:
    if rule is not Rule.TOP_K:
        desk.bare(said[rule.value])
    if rule is not Rule.LONG_SHORT:
        if "quantile" in said:
            desk.faults.error(
                "AF231",
                f"`{rule.value}` has no `quantile`",
                said["quantile"].span,
                "remove it, or write `long_short`",
            )
        return None
    if "quantile" not in said:
        return Portfolio().quantile
    # More than half long and more than half short would hold one instrument both ways.
    return desk.number(said["quantile"], low=Decimal(0), high=HALF, form="a share such as `20%`")
