"""The name of a sub-expression's values: a hash of all that decides their bytes.

That is the formula (operators, parameters, inputs in their order), the bytes of the columns that it
reads, the shape and the absolute index of the first bar, the engine, and, where an operator looks
across instruments, who is a member at each bar. The columns' own bytes stand for data set, snapshot
and symbols: nothing that is done to columns between the lake and the panel can be forgotten.
"""

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from ...dsl.encoding import head
from ...dsl.nodes import Axis, Field, Node

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...core.panel import Matrix, Panel

HEX_DIGITS = 40


class Columns:
    """Hashes of columns, each made once a process and place in memory."""

    def __init__(self) -> None:
        """Start with none."""
        # The column is kept with its hash, so that its place is not another one's meanwhile.
        self._known: dict[tuple[int, tuple[int, ...]], tuple[Matrix, str]] = {}

    def of(self, values: "Matrix") -> str:
        """Return the hash of a column's bytes."""
        key = (values.__array_interface__["data"][0], values.shape)
        if key not in self._known:
            content = np.ascontiguousarray(values)
            self._known[key] = (values, digest(content.data.cast("B")))
        return self._known[key][1]


class Keys:
    """Names of formulas' values on one panel under one universe."""

    def __init__(
        self,
        panel: "Panel",
        universe: "NDArray[np.bool_] | None",
        engine: str,
        columns: Columns,
    ) -> None:
        """Take what the values hang on besides the formula."""
        self._panel, self._universe = panel, universe
        self._columns = columns
        self._place = f"{engine} {panel.shape} {panel.first_bar}"
        self._members = ""
        # By identity; the node is kept so that no identity is used twice.
        self._known: dict[int, tuple[Node, str, bool]] = {}

    def of(self, node: Node) -> str:
        """Return a formula's name; nothing when it reads a column that the panel lacks."""
        formula, is_across = self._formula(node)
        if not formula:
            return ""
        members = self._who() if is_across else ""
        return digest(f"{self._place} {members} {formula}".encode())

    def _formula(self, root: Node) -> tuple[str, bool]:
        """Hash a formula over its inputs' hashes; not recursive."""
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in self._known:
                stack.pop()
                continue
            inputs = node.children()
            missing = [item for item in inputs if id(item) not in self._known]
            if missing:
                stack.extend(missing)
                continue
            stack.pop()
            below = [self._known[id(item)] for item in inputs]
            is_across = node.axis is Axis.CROSS or any(item[2] for item in below)
            self._known[id(node)] = (
                node,
                self._hashed(node, [item[1] for item in below]),
                is_across,
            )
        _, formula, is_across = self._known[id(root)]
        return formula, is_across

    def _hashed(self, node: Node, inputs: list[str]) -> str:
        if isinstance(node, Field):
            values = self._panel.fields.get(node.field)
            return "" if values is None else f"column {self._columns.of(values)}"
        if not all(inputs):
            return ""
        return digest("\n".join([type(node).__module__, head(node), *inputs]).encode())

    def _who(self) -> str:
        if not self._members:
            everybody = self._universe is None or bool(self._universe.all())
            self._members = "all"
            if not everybody and self._universe is not None:
                self._members = digest(np.packbits(self._universe, axis=1).tobytes())
        return self._members


def digest(content: "bytes | memoryview") -> str:
    """Hash bytes to a text that is fit for a file's name."""
    return hashlib.sha256(content).hexdigest()[:HEX_DIGITS]
