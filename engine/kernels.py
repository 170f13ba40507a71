"""The one door to numba: operators' kernels, compiled when first needed and kept on disk.

Signatures are fixed before the first call (float64 C-contiguous matrices, int64, float64). The
host's processor level is compiled for, without fast-math: one engine version gives the same bytes
on every level, and each level has a folder of its own. Two processes may fill the same folder at
once: numba writes each kernel to a temporary file and renames it, and both write the same content.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numba.core import types
from numba.core.compiler import Compiler
from numba.extending import overload, register_jitable

from ..core.errors import BrokenError
from ..core.progress import Report, silent
from ..dsl import kernels as marks
from ..dsl.nodes import Node, Parameter, signature
from .cpu import host_level, level, set_level
from .loops import LOOPS, Kind, Loop
from .version import kernels_version

if TYPE_CHECKING:
    from ..core.panel import Matrix
    from ..dsl.kernels import Integers, Row, Shorts

# Read when numba makes its code generator, which is at the first kernel.
set_level(host_level())

MATRIX = types.Array(types.float64, 2, "C")
ARGUMENTS = {
    Parameter.NODE: MATRIX,
    # More than two are folded, see `_folded`.
    Parameter.NODES: types.UniTuple(MATRIX, 2),  # type: ignore[no-untyped-call]
    Parameter.BARS: types.int64,
    Parameter.NUMBER: types.float64,
}
HELPER_OPTIONS = {"error_model": "numpy"}  # x / 0 is an infinity, not an exception

_lock = Lock()
_compiled: dict[tuple[type[Node], Path | None], marks.Kernel] = {}
_compiled_loops: dict[tuple[Loop, Path | None], marks.Kernel] = {}
_known_helpers: set[str] = set()


class Kernels:
    """Callables of operators; those to compile are compiled once a process, or read from disk."""

    def __init__(self, cache_dir: Path | None) -> None:
        """Keep compiled kernels under a folder, one sub-folder a version; None: keep none."""
        self._cache_dir = cache_dir

    def of(self, operator: type[Node]) -> marks.Kernel:
        """Return an operator's kernel, ready to be called.

        Raises:
            BrokenError: when the operator has no kernel.
        """
        array = marks.ARRAY.get(operator)
        if array is not None:
            return _tame(array)
        if operator not in marks.COMPILED:
            raise BrokenError(
                f"operator `{operator.name}` has no kernel",
                help="mark a function of its file with `kernel` or `array_kernel`",
            )
        with _lock:
            key = (operator, self._cache_dir)
            if key not in _compiled:
                _compiled[key] = self._compile(operator)
            return _compiled[key]

    def loop(self, loop: Loop) -> Callable[..., None]:
        """Return a loop of the engine's own, compiled once a process or read from disk."""
        with _lock:
            key = (loop, self._cache_dir)
            if key not in _compiled_loops:
                _compiled_loops[key] = self._compiled(loop.function, _signature(loop))
            return _compiled_loops[key]

    def warm(self, report: Report = silent) -> int:
        """Compile every kernel of the operators imported so far; return how many there are."""
        operators = sorted(marks.COMPILED, key=lambda operator: operator.name)
        count = len(operators) + len(LOOPS)
        for done, operator in enumerate(operators):
            report(done, count, f"compile {operator.name}")
            self.of(operator)
        for done, loop in enumerate(LOOPS, len(operators)):
            report(done, count, f"compile the {loop.name}")
            self.loop(loop)
        report(count, count, "kernels are compiled")
        return count

    def _compile(self, operator: type[Node]) -> marks.Kernel:
        made = self._compiled(marks.COMPILED[operator], _signature_of(operator))
        is_variadic = Parameter.NODES in {kind for kind, _ in signature(operator).values()}
        return _folded(made) if is_variadic else made

    def _compiled(self, function: Callable[..., None], signature: object) -> marks.Kernel:
        _register_helpers()
        folder = self._folder_of(function)
        vars(numba.config)["CACHE_DIR"] = str(folder or "")
        compiler = numba.njit(
            [signature], cache=folder is not None, nogil=True, error_model="numpy"
        )
        made: marks.Kernel = compiler(function)
        return made

    def _folder_of(self, function: Callable[..., object]) -> Path | None:
        if self._cache_dir is None:
            return None
        # A pack's helpers that live beside its kernels are part of them.
        package = function.__module__.rpartition(".")[0]
        beside = {
            helper.__module__
            for helper in marks.HELPERS.values()
            if helper.__module__.rpartition(".")[0] == package
        } - {function.__module__}
        files = tuple(Path(str(sys.modules[name].__file__)) for name in sorted(beside))
        folder = self._cache_dir / f"{kernels_version(files)}-{level()}"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder


class _DisjointCompiler(Compiler):
    """Tell LLVM that a function's arrays do not overlap; numba has the flag, but no option."""

    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[no-untyped-call]
        self.state.flags.noalias = True


DISJOINT_OPTIONS = {"pipeline_class": _DisjointCompiler, "forceinline": True}


@overload(marks.buffer)
def _buffer(rows: int, columns: int) -> "Callable[[int, int], Matrix]":  # noqa: ARG001  # For numba.
    # numba compares the parameters of both, annotations included.
    def zeros(rows: int, columns: int) -> "Matrix":
        return np.zeros((rows, columns))

    return zeros


@overload(marks.integers)
def _integers(rows: int, columns: int) -> "Callable[[int, int], Integers]":  # noqa: ARG001  # For numba.
    def zeros(rows: int, columns: int) -> "Integers":
        return np.zeros((rows, columns), dtype=np.int64)

    return zeros


@overload(marks.shorts)
def _shorts(rows: int, columns: int) -> "Callable[[int, int], Shorts]":  # noqa: ARG001  # For numba.
    def zeros(rows: int, columns: int) -> "Shorts":
        return np.zeros((rows, columns), dtype=np.int16)

    return zeros


@overload(marks.bits_of)
def _bits_of(row: "Row") -> "Callable[[Row], Integers]":  # noqa: ARG001  # For numba.
    def bits(row: "Row") -> "Integers":
        return row.view(np.int64)

    return bits


def _register_helpers() -> None:
    for place, helper in marks.HELPERS.items():
        if place not in _known_helpers:
            more = DISJOINT_OPTIONS if place in marks.DISJOINT else {}
            register_jitable(**HELPER_OPTIONS, **more)(helper)
            _known_helpers.add(place)


def _signature_of(operator: type[Node]) -> Any:  # noqa: ANN401  # numba has no types of its own.
    arguments = [ARGUMENTS[parameter] for parameter, _ in signature(operator).values()]
    state = [MATRIX] if operator.carries_state else []
    return types.void(*arguments, *state, types.int64, MATRIX)


def _signature(loop: Loop) -> Any:  # noqa: ANN401  # numba has no types of its own.
    row, integers = types.Array(types.float64, 1, "C"), types.Array(types.int64, 2, "C")
    kinds = {
        Kind.MATRIX: MATRIX,
        Kind.ROW: row,
        Kind.TABLE: integers,
        Kind.LINE: types.Array(types.int64, 1, "C"),
        Kind.COUNT: types.int64,
        Kind.MARKET: _tuple(6),
        Kind.EVENTS: _tuple(5),
    }
    return types.void(*(kinds[kind] for kind in loop.arguments))


def _tuple(count: int) -> Any:  # noqa: ANN401  # numba has no types of its own.
    return types.Tuple(count * [MATRIX])  # type: ignore[no-untyped-call]


def _folded(pair: marks.Kernel) -> marks.Kernel:
    """Take terms two at a time, from left to right, the answer so far being the first of them."""

    def folded(terms: "tuple[Matrix, ...]", *rest: Any) -> None:  # noqa: ANN401  # As it takes.
        pair(terms[:2], *rest)
        for term in terms[2:]:
            pair((rest[-1], term), *rest)

    return folded


def _tame(array: marks.Kernel) -> marks.Kernel:
    def tamed(*arguments: object) -> None:
        with np.errstate(all="ignore"):
            array(*arguments)
        out = arguments[-1]
        assert isinstance(out, np.ndarray)
        marks.settle(out)

    return tamed
