"""What the peers are told to compute: the steps of our formulas, each shared one once.

A difference is one step there, not a sum with a negation, and the distance from a line is put
together from the mean and the slope: as somebody would write it with those libraries.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from alphaforge.benchmarks.peers.parent import Matrix, panel_of, save
from alphaforge.dsl.nodes import Constant, Field, Node
from alphaforge.dsl.ops.add import Add
from alphaforge.dsl.ops.neg import Neg
from alphaforge.dsl.ops.ts_mean import TsMean
from alphaforge.dsl.ops.ts_slope import TsSlope
from alphaforge.dsl.ops.ts_slope_resid import TsSlopeResid
from alphaforge.engine.evaluate import Evaluator

Step = dict[str, object]


class Plan:
    """The steps as data, and the node of each."""

    def __init__(self, formulas: Sequence[Node]) -> None:
        """Lay the graph out."""
        self.steps: list[Step] = []
        self.nodes: list[Node] = []
        self._places: dict[Node, int] = {}
        self.roots = [self._place(formula) for formula in formulas]

    def _place(self, node: Node) -> int:
        """Return the place of a node's step; a new one stands after its inputs."""
        if node not in self._places:
            step = self._step(node)
            self._places[node] = len(self.steps)
            self.steps.append(step)
            self.nodes.append(node)
        return self._places[node]

    def _step(self, node: Node) -> Step:
        if isinstance(node, Field):
            return {"op": "field", "field": node.field, "inputs": []}
        if isinstance(node, Constant):
            return {"op": "constant", "value": node.value, "inputs": []}
        inputs = list(node.children())
        more: Step = {}
        if isinstance(node, Add):
            more["signs"] = [-1 if isinstance(term, Neg) else 1 for term in inputs]
            inputs = [term.x if isinstance(term, Neg) else term for term in inputs]
        if isinstance(node, TsSlopeResid):
            inputs += [TsMean(node.x, node.bars), TsSlope(node.x, node.bars)]
        places = [self._place(source) for source in inputs]
        return {"op": node.name, "inputs": places, **node.parameters(), **more}

    def write(
        self,
        folder: Path,
        fields: Mapping[str, Matrix],
        whole: Mapping[str, Matrix],
        ours: Evaluator,
    ) -> None:
        """Write plan and fields, and all our values on the panel ``whole``, which has no gap."""
        (folder / "plan.json").write_text(json.dumps({"steps": self.steps, "roots": self.roots}))
        save(fields, folder)
        small = folder / "small"
        small.mkdir()
        save(whole, small)
        places = [at for at, step in enumerate(self.steps) if step["inputs"]]
        found = ours.evaluate([self.nodes[at] for at in places], panel_of(dict(whole)))
        for at, values in zip(places, found, strict=True):
            np.save(small / f"{at}.npy", np.ascontiguousarray(values.T))
