"""``(-x) ^ 2`` and ``abs(x) ^ 2`` are ``x ^ 2``; ``(-x) ^ 3`` is ``-(x ^ 3)``."""

from ..nodes import Constant, Node
from ..rewriting import rewrite
from ..shape import inputs_of
from ..table import Table
from ..terms import unsigned
from .like_factors import is_whole


@rewrite("pow")
def powers(node: Node, table: Table) -> Node:
    """Take a sign out of an odd power, and drop it and ``abs`` in an even one."""
    base, exponent = inputs_of(node)
    if not is_whole(exponent):
        return node
    assert isinstance(exponent, Constant)
    inner, sign = unsigned(base, table)
    if exponent.value % 2:
        return node if sign > 0 else table.node("neg", table.node("pow", inner, exponent))
    if inner.name == "abs":
        inner = inputs_of(inner)[0]
    return node if inner is base else table.node("pow", inner, exponent)
