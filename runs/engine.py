"""Which engine a strategy would be computed by: ours, and the packs whose operators it uses."""

import sys
from pathlib import Path

from ..dsl import ops
from ..dsl.facts import deciding_roots, unique_nodes
from ..dsl.nodes import Constant, Field, Node
from ..dsl.strategy import Strategy
from ..engine.version import engine_version


def engine_of(*strategies: Strategy) -> str:
    """Return the engine version that goes into a run's fingerprint; of several, that of all."""
    nodes = unique_nodes(root for strategy in strategies for root in deciding_roots(strategy))
    places = {place for node in nodes if (place := _place(node))}
    return engine_version(sorted(places))


def _place(node: Node) -> Path | None:
    module = type(node).__module__
    if isinstance(node, (Field, Constant)) or module.startswith(f"{ops.__name__}."):
        return None
    file = getattr(sys.modules[module], "__file__", None)
    return Path(file).parent if file else None
