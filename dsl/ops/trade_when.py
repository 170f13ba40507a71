"""``trade_when(trigger, alpha, exit)``: a value that is taken, held and let go by events."""

from ..kernels import NAN, Panel, kernel
from ..laws import Laws
from ..nodes import Axis, Node, operator
from ..rules import same_unit_as


@operator("trade_when")
class TradeWhen(Node):
    """``alpha`` where ``trigger`` says yes, held until the next yes or until ``exit`` says yes.

    Missing where nothing is held; ``fill`` makes that a 0. ``exit`` is asked first, and ``0`` never
    lets go. Where the answer of ``exit``, or else of ``trigger``, is missing there is no value, and
    what is held stays held. It remembers all of the panel.
    """

    trigger: Node
    alpha: Node
    exit: Node

    axis = Axis.TIME
    carries_state = True
    state_rows = 1
    unit = same_unit_as("alpha")
    condition_inputs = frozenset({"trigger", "exit"})
    laws = Laws(odd=frozenset({"alpha"}), scaled=frozenset({"alpha"}))
    example = (
        "trade_when(volume > ts_mean(volume, 24h), -returns(close, 24h), volume < delay(volume, 1))"
    )


@kernel(TradeWhen)
def trade_when(
    trigger: Panel, alpha: Panel, exit: Panel, state: Panel, _first_bar: int, out: Panel
) -> None:
    """Keep what is held."""
    for t in range(alpha.shape[0]):
        for i in range(alpha.shape[1]):
            enters, leaves, value = trigger[t, i], exit[t, i], alpha[t, i]
            out[t, i] = NAN
            if leaves - leaves != 0.0:
                continue
            if leaves != 0.0:
                state[0, i] = NAN
                continue
            if enters - enters != 0.0:
                continue
            if enters != 0.0:
                state[0, i] = value + 0.0 if value - value == 0.0 else NAN
            out[t, i] = state[0, i]
