"""``delay N``: how many bars after its signal a trade happens, at that bar's open."""

from ..desk import Desk
from ..statement import Changes, statement
from ..syntax import Setting, Settings


@statement("delay", start="expression", form="delay 1")
def read(body: Settings, desk: Desk) -> Changes:
    """Read the count; 0 would trade at a price from before the signal."""
    (count,) = body.subject
    bars = desk.bars(Setting("delay", count.span, count))
    return {} if bars is None else {"delay_bars": bars}
