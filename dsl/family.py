"""A coarser name than the fingerprint: formulas that differ only in their settings are one family.

Windows and numbers are blanked, and what cannot change an order is dropped: a rank, and a
portfolio that ranks, does not care for ``3 * x + 1`` or ``x``. Neither is exact in float64, so a
family is for counting and searching, never for reusing results.
"""

from collections.abc import Callable

from ..core.canonical import canonical_json, tagged_hash
from .encoding import head
from .fingerprint import HEX_DIGITS
from .nodes import Constant, Field, Node
from .shape import inputs_of

VERSION = 1
# What keeps the order of its input at each bar, for all inputs.
_MONOTONE = frozenset({"rank", "zscore", "scale", "winsorize"})


def family_fingerprint(signal: Node) -> str:
    """Return the family of a canonical formula."""
    body = canonical_json({"version": VERSION, "family": _blanked(_ordered_by(signal))})
    return f"fam_{tagged_hash('alphaforge.fam', body)[:HEX_DIGITS]}"


def _ordered_by(node: Node) -> Node:
    """Return the simplest part that orders instruments as the whole does; not recursive."""
    while True:
        inner = _kept(node)
        if inner is None:
            return node
        node = inner


def _kept(node: Node) -> Node | None:
    inputs = inputs_of(node)
    if node.name in _MONOTONE:
        return inputs[0]
    constants = [item for item in inputs if isinstance(item, Constant)]
    others = [item for item in inputs if not isinstance(item, Constant)]
    if len(others) != 1 or not constants:
        return None
    keeps = _KEEPS.get(node.name)
    return others[0] if keeps is not None and keeps(node, constants) else None


def _is_positive(_node: Node, constants: list[Constant]) -> bool:
    return all(constant.value > 0 for constant in constants)


def _is_divisor(node: Node, constants: list[Constant]) -> bool:
    return inputs_of(node)[1] is constants[0] and constants[0].value > 0


_KEEPS: dict[str, Callable[[Node, list[Constant]], bool]] = {
    "add": lambda _node, _constants: True,
    "mul": _is_positive,
    "div": _is_divisor,
}


def _blanked(root: Node) -> list[str]:
    out: list[str] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.name == "rank":
            inner = _ordered_by(inputs_of(node)[0])
            out.append("rank 1")
            stack.append(inner)
            continue
        inputs = inputs_of(node)
        out.append(f"{_name(node)} {len(inputs)}")
        stack.extend(reversed(inputs))
    return out


def _name(node: Node) -> str:
    if isinstance(node, Constant):
        return "constant -" if node.value < 0 else "constant"
    return head(node) if isinstance(node, Field) else node.name
