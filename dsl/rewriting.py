"""What a rewrite is: a small step towards the canonical form, and the operators it looks at."""

from collections.abc import Callable
from dataclasses import dataclass

from .nodes import Node
from .table import Table

Step = Callable[[Node, Table], Node]
Concern = Callable[[type[Node]], bool]


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One step; nodes of operators it does not concern are never shown to it.

    ``rounds``: the result is the same number in another order of rounding, not the same bits.
    """

    name: str
    step: Step
    concerns: Concern
    rounds: bool

    def __call__(self, node: Node, table: Table) -> Node:
        """Return a node of equal value; the same node where there is nothing to do."""
        return self.step(node, table) if self.concerns(type(node)) else node


def rewrite(
    *names: str, where: Concern | None = None, rounds: bool = False
) -> Callable[[Step], Rewrite]:
    """Make a rewrite of a step, for the operators of these names or those that ``where`` picks."""
    chosen = frozenset(names)

    def make(step: Step) -> Rewrite:
        concerns = where if where is not None else lambda cls: cls.name in chosen
        return Rewrite(step.__name__, step, concerns, rounds)

    return make
