"""The mark that ties a plain Python function to an operator; the engine compiles it when needed.

A kernel's arguments are the operator's own, in order (nodes as float64 ``[time, instrument]``
matrices; scalars arrive as full matrices; variadic nodes as one tuple), then ``first_bar``, the
absolute index of row 0, then ``out``, which arrives filled with NaN. A kernel writes finite
numbers or NaN, never an infinity. ``kernel`` is compiled: loops over cells, no other Python
objects, helpers only from functions marked ``helper``. ``array_kernel`` runs as it is:
whole-matrix numpy calls.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from .nodes import Node

if TYPE_CHECKING:
    from ..core.panel import Matrix

    Panel = Matrix

Kernel = Callable[..., None]
K = TypeVar("K", bound=Callable[..., None])
F = TypeVar("F", bound=Callable[..., object])

COMPILED: dict[type[Node], Kernel] = {}
ARRAY: dict[type[Node], Kernel] = {}
HELPERS: dict[str, Callable[..., object]] = {}


def kernel(operator: type[Node]) -> Callable[[K], K]:
    """Mark loops over cells as an operator's kernel, to be compiled."""

    def mark(function: K) -> K:
        COMPILED[operator] = function
        return function

    return mark


def array_kernel(operator: type[Node]) -> Callable[[K], K]:
    """Mark whole-matrix numpy calls as an operator's kernel, run as they are."""

    def mark(function: K) -> K:
        ARRAY[operator] = function
        return function

    return mark


def helper(function: F) -> F:
    """Mark a function that compiled kernels may call; it is compiled with them."""
    HELPERS[f"{function.__module__}.{function.__qualname__}"] = function
    return function
