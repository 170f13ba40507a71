"""How far the steps of a graph look back: over their inputs' answers, and over the fields."""

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


def look_back(graph: "Graph") -> int:
    """Count the bars before a bar that its results depend on, where nothing carries state."""
    reach: list[int] = []
    for step in graph.steps:
        before = max((reach[place] for place in step.inputs), default=0)
        reach.append(before + own_bars(step.node))
    return max((reach[place] for place in graph.roots), default=0)


def has_state(graph: "Graph") -> bool:
    """Tell whether some step depends on all bars before."""
    return any(step.node.carries_state for step in graph.steps)
