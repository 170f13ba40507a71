"""``rebalance every D, delay N``: when weights are set anew, and how many bars later they trade."""

from ..desk import Desk
from ..statement import Changes, statement
from ..syntax import Settings


@statement(
    "rebalance",
    start="settings",
    form="rebalance every 8h, delay 1",
    words=("every", "delay"),
    elsewhere={
        "hourly": "write `rebalance every 1h`",
        "daily": "write `rebalance every 1d`",
        "weekly": "write `rebalance every 7d`",
    },
)
def read(body: Settings, desk: Desk) -> Changes:
    """Read the step, and the delay if it stands here."""
    said = desk.by_word(body)
    changes: dict[str, object] = {}
    if "every" not in said:
        desk.lacks("rebalance", "every", body.settings[0].span, body)
    every = desk.bars(said.get("every"))
    if every is not None:
        changes["rebalance_bars"] = every
    # The price of a bar is gone when its signal is known: the first one to trade at is the next.
    delay = desk.bars(said.get("delay"))
    if delay is not None:
        changes["delay_bars"] = delay
    return changes
