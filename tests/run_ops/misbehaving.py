"""Operators that behave badly, in a folder of their own: its content is part of a run's engine.

``stall(x)`` waits until somebody writes into the pipe ``gate`` of the run's home; ``brood(x)``
too, with a child process of its own; ``spin(x)`` computes for ever; ``hog(x)`` takes more memory
than any run may.
"""

import subprocess
from pathlib import Path

from alphaforge.dsl.kernels import Panel, array_kernel
from alphaforge.dsl.nodes import Node, operator

GATE_BYTES = 1
# Where the pipe lies: the worker sets it from its job.
HOMES: list[Path] = []


@operator("stall")
class Stall(Node):
    """The value, once somebody has written into the home's pipe; before, nothing happens."""

    x: Node


@array_kernel(Stall)
def stall(x: Panel, _first_bar: int, out: Panel) -> None:
    pipe = HOMES[0] / "gate"
    with pipe.open("rb") as file:
        file.read(GATE_BYTES)
    out[:] = x


@operator("brood")
class Brood(Node):
    """The value of a worker with a child of its own, whose number it leaves in the home."""

    x: Node


@array_kernel(Brood)
def brood(x: Panel, _first_bar: int, out: Panel) -> None:
    with subprocess.Popen(["sleep", "1000"]) as child:
        (HOMES[0] / "child").write_text(str(child.pid))
        stall(x, 0, out)


@operator("spin")
class Spin(Node):
    """No value: it computes for ever."""

    x: Node


@array_kernel(Spin)
def spin(x: Panel, _first_bar: int, out: Panel) -> None:
    while True:
        out[:] = x


@operator("hog")
class Hog(Node):
    """The value, and much memory."""

    x: Node


@array_kernel(Hog)
def hog(x: Panel, _first_bar: int, out: Panel) -> None:
    import numpy as np

    taken = [np.ones((1024, 1024, 64)) for _ in range(64)]
    out[:] = x + len(taken)
