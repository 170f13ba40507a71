"""``risk max_drawdown P, max_leverage X``: bounds the author sets."""

from decimal import Decimal

from ..desk import Desk
from ..statement import Changes, statement
from ..strategy import RiskLimits
from ..syntax import Settings

LEVERAGE_MAX = Decimal(10)


@statement(
    "risk",
    start="settings",
    form="risk max_drawdown 20%, max_leverage 2",
    words=("max_drawdown", "max_leverage"),
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read the bounds; what is not said has none."""
    said = desk.by_word(body)
    return {
        "risk": RiskLimits(
            drawdown_max=desk.number(
                said.get("max_drawdown"),
                low=Decimal(0),
                high=Decimal(1),
                form="a share such as `20%`",
            ),
            leverage_max=desk.number(
                said.get("max_leverage"),
                low=Decimal(0),
                high=LEVERAGE_MAX,
                form="a number such as `2`",
            ),
        )
    }
