"""A coarser name than the fingerprint: formulas that differ only in their settings are one family.

Windows and numbers are blanked, and what a part's reader cannot see is dropped: a rank, and a
portfolio that ranks, see an order, so ``3 * log(x) + 1`` is ``x`` to them; a deviation score sees
neither scale nor level; the mean of a multiple is a multiple of the mean. Signs are kept, in front.
None of this is exact in float64, so a family is for counting and searching, never for reusing
results.
"""

from enum import IntEnum

from ..core.canonical import canonical_json, tagged_hash
from .encoding import head
from .fingerprint import HEX_DIGITS
from .nodes import Axis, Constant, Field, Node
from .shape import inputs_of, shape_of

VERSION = 2
# Of what is scale-free, these do not see what is added to all values either.
_LEVEL_FREE = frozenset(
    {
        "zscore",
        "ts_zscore",
        "ts_corr",
        "ts_skew",
        "ts_kurt",
        "ts_slope_r2",
        "ts_r2",
        "group_zscore",
        "group_scale",
    }
)
# These see an order alone, among the instruments of a bar or the bars of an instrument.
_ORDER_ONLY = frozenset({"rank", "quantile", "bucket", "group_rank"})
_ORDER_IN_TIME = frozenset({"ts_rank", "ts_argmax", "ts_argmin", "ts_argmax_pos", "ts_argmin_pos"})


class _Sees(IntEnum):
    """What a part's reader sees of it; each sees less than the one before."""

    ALL = 0
    UP_TO_SCALE = 1
    UP_TO_LEVEL = 2
    ORDER_IN_TIME = 3
    ORDER = 4


def family_fingerprint(signal: Node) -> str:
    """Return the family of a canonical formula."""
    body = canonical_json({"version": VERSION, "family": _blanked(signal)})
    return f"fam_{tagged_hash('alphaforge.fam', body)[:HEX_DIGITS]}"


def _blanked(root: Node) -> list[str]:
    """List what is left of a formula, consumers before inputs; not recursive."""
    out: list[str] = []
    stack = [(root, _Sees.ORDER)]
    while stack:
        node, sees = stack.pop()
        sign, node, inputs = _seen(node, sees)
        if sign < 0:
            out.append("neg 1")
        if node.name == "div" and sees >= _Sees.UP_TO_LEVEL and _is_return(inputs):
            out.append("returns 1")
            stack.append((inputs[0], _Sees.UP_TO_SCALE))
            continue
        out.append(f"{_name(node, sees)} {len(inputs)}")
        views = _views(node, inputs, sees)
        stack.extend(reversed(list(zip(inputs, views, strict=True))))
    return out


def _seen(node: Node, sees: _Sees) -> tuple[int, Node, tuple[Node, ...]]:
    """Return the sign, the node and the inputs that its reader sees."""
    sign = 1
    while True:
        inputs = inputs_of(node)
        if node.name == "neg":
            sign, node = -sign, inputs[0]
        elif node.name == "rank" and inputs[0].name == "neg":
            # The other way round it is the opposite order.
            sign, node = -sign, node.with_children(inputs_of(inputs[0]))
        elif sees is _Sees.ALL:
            return sign, node, inputs
        else:
            turn, rest = _kept(node, inputs, sees)
            sign *= turn
            is_bare = len(rest) == 1 and (len(inputs) > 1 or _keeps_order(node, sees))
            if not is_bare:
                return sign, node, rest
            node = rest[0]


def _kept(node: Node, inputs: tuple[Node, ...], sees: _Sees) -> tuple[int, tuple[Node, ...]]:
    """Return the sign of dropped factors, and the inputs without dropped numbers."""
    others = tuple(item for item in inputs if not isinstance(item, Constant))
    if node.name == "mul":
        numbers = [item.value for item in inputs if isinstance(item, Constant)]
        if 0.0 in numbers:
            return 1, inputs
        return (-1 if sum(number < 0 for number in numbers) % 2 else 1), others
    if node.name == "add" and sees >= _Sees.UP_TO_LEVEL:
        return 1, others
    if node.name == "div" and isinstance(inputs[1], Constant) and inputs[1].value != 0:
        return (1 if inputs[1].value > 0 else -1), inputs[:1]
    return 1, inputs


def _keeps_order(node: Node, sees: _Sees) -> bool:
    """Tell whether a node says no more than its input to who sees an order."""
    if sees < _Sees.ORDER_IN_TIME or not type(node).laws.keeps_order:
        return False
    return sees is _Sees.ORDER or type(node).axis is Axis.ELEMENT


def _is_return(inputs: tuple[Node, ...]) -> bool:
    """Tell whether a quotient is of a value and its past: ``returns``, on another level."""
    over, under = inputs
    return under.name == "delay" and inputs_of(under)[0] == over


def _views(node: Node, inputs: tuple[Node, ...], sees: _Sees) -> list[_Sees]:
    """Return what a node sees of each of its inputs."""
    if node.name in _ORDER_ONLY:
        return [_Sees.ORDER, *[_Sees.ALL] * (len(inputs) - 1)]
    if node.name in _ORDER_IN_TIME:
        return [_Sees.ORDER_IN_TIME]
    shape, laws = shape_of(type(node)), type(node).laws
    names = (shape.variadic,) * len(inputs) if shape.variadic else shape.inputs
    least = _Sees.UP_TO_LEVEL if node.name in _LEVEL_FREE else _Sees.UP_TO_SCALE
    # A factor passes through, so a reader who does not see it does not see it below either.
    passes = sees is not _Sees.ALL
    return [
        least
        if name in laws.scale_free
        else _Sees.UP_TO_SCALE
        if passes and (name in laws.scaled or node.name == "div")
        else _Sees.ALL
        for name in names
    ]


def _name(node: Node, sees: _Sees) -> str:
    if isinstance(node, Constant):
        return "constant -" if node.value < 0 else "constant"
    if node.name == "ts_sum" and sees is not _Sees.ALL:
        return "ts_mean"
    return head(node) if isinstance(node, Field) else node.name
