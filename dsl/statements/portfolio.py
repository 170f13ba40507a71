"""``portfolio RULE``, one of four, and what bounds its weights: gross, net, caps, volatility."""

from decimal import Decimal

from ..desk import Desk
from ..nodes import Node
from ..rules import Kind
from ..statement import Changes, statement
from ..strategy import Portfolio, Rule
from ..syntax import Setting, Settings
from ..values import Value

HALF = Decimal("0.5")
GROSS_MAX = Decimal(10)
VOL_MAX = Decimal(10)
# The oldest name of the rule that takes the signal as it is.
OTHER_NAMES = {"weights": Rule.PROPORTIONAL}
RULES = {**{rule.value: rule for rule in Rule}, **OTHER_NAMES}
SHARE = "a share such as `10%`"
# Two returns are the fewest that deviate from their mean.
VOL_BARS_MIN = 2


@statement(
    "portfolio",
    start="settings",
    form="portfolio long_short quantile 0.2, gross 1, max_weight 10%",
    words=(
        *RULES,
        "quantile",
        "vol",
        "gross",
        "net",
        "max_weight",
        "max_group",
        "vol_target",
        "over",
        "max_gross",
        "neutral",
        "by",
        "beta_neutral",
        "max_turnover",
    ),
    elsewhere={
        **dict.fromkeys(
            ("equal_weight", "equal_weighted", "equal"),
            "names weigh the same in `long_short quantile 20%` and in `top_k 5`",
        ),
        **dict.fromkeys(("long_only", "top"), "write `top_k 5`"),
        **dict.fromkeys(("market_neutral", "dollar_neutral"), "write `net 0` behind a rule"),
        **dict.fromkeys(
            ("neutralize", "neutralise", "group_neutral"), "write `neutral by sector` behind a rule"
        ),
        "leverage": "the sum of absolute weights is `gross 1.5`",
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
            "write one of `long_short quantile 0.2`, `top_k 5`, `proportional` and "
            "`risk_parity vol 30d`",
        )
        return {}
    word = rules[0]
    rule = RULES[word]
    if rule is not Rule.TOP_K:
        help_ = "write `long_short quantile 20%`" if rule is Rule.LONG_SHORT else ""
        desk.bare(said[word], help_)
    gross = desk.number(said.get("gross"), low=Decimal(0), high=GROSS_MAX, form="a number")
    groups, group_max = _groups(said.get("max_group"), desk)
    target = desk.number(said.get("vol_target"), low=Decimal(0), high=VOL_MAX, form=SHARE)
    portfolio = Portfolio(
        rule=rule,
        quantile=_quantile(rule, said, desk),
        k=desk.count(said["top_k"]) if rule is Rule.TOP_K else None,
        gross=Decimal(1) if gross is None else gross,
        weight_max=desk.number(said.get("max_weight"), low=Decimal(0), high=GROSS_MAX, form=SHARE),
        vol_bars=_pair(said, desk, body, wants=rule is Rule.RISK_PARITY, word=word, of="vol"),
        vol_target=target,
        target_bars=_pair(
            said, desk, body, wants="vol_target" in said, word="vol_target", of="over"
        ),
        net=_net(rule, said.get("net"), Decimal(1) if gross is None else gross, desk),
        groups=groups,
        group_max=group_max,
        neutral=_neutral(rule, said, body, desk),
        beta_bars=_beta_bars(rule, said.get("beta_neutral"), desk),
        turnover_max=desk.number(
            said.get("max_turnover"), low=Decimal(0), high=2 * GROSS_MAX, form=SHARE
        ),
        gross_max=_gross_max(said, Decimal(1) if gross is None else gross, desk),
    )
    _check_net(said, portfolio, desk)
    return {"portfolio": portfolio}


def _quantile(rule: Rule, said: dict[str, Setting], desk: Desk) -> Decimal | None:
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


def _pair(  # noqa: PLR0913  # Two words, and what judges them.
    said: dict[str, Setting], desk: Desk, body: Settings, *, wants: bool, word: str, of: str
) -> int | None:
    """Read the window of volatilities that one word needs and no other has."""
    if not wants:
        if of in said:
            partner = "risk_parity" if of == "vol" else "vol_target"
            desk.faults.error(
                "AF231",
                f"`{of}` stands without `{partner}`",
                said[of].span,
                f"remove it, or write `{partner}`",
            )
        return None
    if of not in said:
        if body.is_whole:
            form = "risk_parity vol 30d" if of == "vol" else "vol_target 20% over 30d"
            desk.faults.error("AF231", f"`{word}` lacks `{of}`", said[word].span, f"write `{form}`")
        return None
    return desk.bars(said[of], least=VOL_BARS_MIN)


def _net(rule: Rule, setting: Setting | None, gross: Decimal, desk: Desk) -> Decimal | None:
    net = desk.number(setting, low=-GROSS_MAX, high=GROSS_MAX, form="a number such as `0` or `0.2`")
    if net is None or setting is None:
        return None
    if rule is Rule.TOP_K:
        desk.faults.error(
            "AF231",
            "`top_k` has no `net`: it is long all it holds",
            setting.span,
            "remove it, or write `long_short` or `proportional`",
        )
    elif abs(net) > gross:
        desk.faults.error(
            "AF277",
            f"a net exposure of {net} is beyond the gross of {gross}",
            setting.span,
            "write a net between minus gross and gross",
        )
    return net


def _neutral(rule: Rule, said: dict[str, Setting], body: Settings, desk: Desk) -> Node | None:
    """Read the groups behind ``neutral by``."""
    if ("neutral" in said) != ("by" in said):
        word, other = ("neutral", "by") if "neutral" in said else ("by", "neutral")
        if body.is_whole:
            desk.faults.error(
                "AF231", f"`{word}` lacks `{other}`", said[word].span, "write `neutral by sector`"
            )
        return None
    desk.bare(said.get("neutral"), "write `neutral by sector`")
    if rule is Rule.TOP_K and "neutral" in said:
        _report_long(said["neutral"], desk)
    value = desk.value(said.get("by"))
    if value is None:
        return None
    if value.kind is not Kind.GROUP:
        setting = said["by"]
        desk.faults.error(
            "AF236",
            "`neutral by` names what is no groups",
            setting.value.span if setting.value else setting.span,
            "name groups, such as `sector` or `bucket(ts_std(returns, 7d), 3)`",
        )
    return value.node


def _beta_bars(rule: Rule, setting: Setting | None, desk: Desk) -> int | None:
    if setting is not None and rule is Rule.TOP_K:
        _report_long(setting, desk)
    return desk.bars(setting, least=VOL_BARS_MIN)


def _gross_max(said: dict[str, Setting], gross: Decimal, desk: Desk) -> Decimal | None:
    """Read how far a volatility target may scale up."""
    setting = said.get("max_gross")
    found = desk.number(setting, low=Decimal(0), high=GROSS_MAX, form="a number such as `3`")
    if setting is None or found is None:
        return None
    if "vol_target" not in said:
        desk.faults.error(
            "AF231",
            "`max_gross` stands without `vol_target`",
            setting.span,
            "remove it, or write `vol_target 20% over 30d`",
        )
    elif found < gross:
        desk.faults.error(
            "AF277",
            f"a largest gross of {found} is below the gross of {gross}",
            setting.span,
            "write a larger `max_gross`, or a smaller `gross`",
        )
    return found


def _check_net(said: dict[str, Setting], portfolio: Portfolio, desk: Desk) -> None:
    """Refuse a net that what is neutral cannot have."""
    is_neutral = portfolio.neutral is not None or portfolio.beta_bars is not None
    if is_neutral and portfolio.net:
        desk.faults.error(
            "AF277",
            f"a net exposure of {portfolio.net} beside `neutral` or `beta_neutral`",
            said["net"].span,
            "write `net 0`, or remove one of them",
        )


def _report_long(setting: Setting, desk: Desk) -> None:
    desk.faults.error(
        "AF231",
        f"`top_k` has no `{setting.word}`: it is long all it holds",
        setting.span,
        "remove it, or write `long_short` or `proportional`",
    )


def _groups(setting: Setting | None, desk: Desk) -> tuple[Node | None, Decimal | None]:
    value: Value | None = desk.value(setting)
    if setting is None or setting.value is None:
        return None, None
    if setting.share is None:
        desk.faults.error(
            "AF231",
            "`max_group` lacks its share",
            setting.span,
            "write groups and a share: `max_group sector 30%`",
        )
        return None, None
    if value is None:
        return None, None
    if value.kind is not Kind.GROUP:
        desk.faults.error(
            "AF236",
            "`max_group` bounds what is no groups",
            setting.value.span,
            "name groups, such as `sector` or `bucket(ts_std(returns, 7d), 3)`",
        )
    share = desk.number(
        Setting(setting.word, setting.span, setting.share),
        low=Decimal(0),
        high=GROSS_MAX,
        form=SHARE,
    )
    return value.node, share
