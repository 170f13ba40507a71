"""How far the steps of a graph look back over their inputs' answers."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..dsl.nodes import Node
    from .graph import Graph


def own_bars(node: "Node") -> int:
    """Count the earlier answers of its inputs that an operator reads; state stands for them."""
    return 0 if node.carries_state else node.warmup_bars()


def kept_bars(graph: "Graph") -> list[int]:
    """Count, for each step, its earlier answers that its consumers read at a new bar."""
    kept = [0] * len(graph.steps)
    for step in graph.steps:
        for source in step.inputs:
            kept[source] = max(kept[source], own_bars(step.node))
    return kept
