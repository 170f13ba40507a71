"""One way to ask each library for a step: what it likes is laid out first, then it is called.

Matrices are ``[instrument, time]`` outside. Laying out and reading back are not in the call, so
that a library is charged for its work alone.
"""

from collections.abc import Callable
from typing import Any

import elementwise
import numpy as np
import pandas as pd
import polars as pl
import windows

Matrix = np.ndarray
Step = dict[str, Any]
# What to call, and how to read what it returned.
Ready = tuple[Callable[[], Any], Callable[[Any], Matrix]]


def _in_numpy(step: Step, values: list[Matrix]) -> Ready:
    out = np.empty(next(x.shape for x in values if isinstance(x, np.ndarray)))
    write = elementwise.NUMPY[step["op"]]

    def call() -> Matrix:
        write(out, step, *values)
        return out

    return call, lambda found: found


def _in_rows(table: dict[str, Callable[..., Matrix]]) -> Callable[[Step, list[Matrix]], Ready]:
    """Lay out for numbagg and bottleneck: the axis that is looked along comes last."""

    def ready(step: Step, values: list[Matrix]) -> Ready:
        call = table[step["op"]]
        if step["op"] not in windows.ACROSS:
            return lambda: call(step, *values), lambda found: found
        turned = [np.ascontiguousarray(x.T) for x in values]
        return lambda: call(step, *turned), lambda found: np.ascontiguousarray(found.T)

    return ready


def _in_pandas(step: Step, values: list[Matrix]) -> Ready:
    call, frames = windows.PANDAS[step["op"]], [pd.DataFrame(x.T) for x in values]
    return (
        lambda: call(step, *frames),
        lambda found: np.ascontiguousarray(found.to_numpy(dtype=float).T),
    )


def _in_polars(step: Step, values: list[Matrix]) -> Ready:
    """Lay out a frame with the columns of every input; missing is null, as polars wants it."""
    is_across = step["op"] in windows.ACROSS
    make = {**elementwise.POLARS, **windows.POLARS}[step["op"]]
    frames, columns = [], []
    for at, x in enumerate(values):
        if not isinstance(x, np.ndarray):
            columns.append(None)
            continue
        turned = x if is_across else x.T
        names = [f"{at}.{number}" for number in range(turned.shape[1])]
        frames.append(pl.DataFrame(turned, schema=names).fill_nan(None))
        columns.append(names)
    frame = pl.concat(frames, how="horizontal")
    count = len(next(names for names in columns if names))
    wanted = [
        make(
            step,
            *(
                pl.lit(x) if names is None else pl.col(names[number])
                for x, names in zip(values, columns, strict=True)
            ),
        ).alias(str(number))
        for number in range(count)
    ]

    def read(found: pl.DataFrame) -> Matrix:
        matrix = found.to_numpy()
        return np.ascontiguousarray(matrix if is_across else matrix.T)

    return lambda: frame.select(wanted), read


# The most exact first.
LIBRARIES: dict[str, tuple[frozenset[str], Callable[[Step, list[Matrix]], Ready]]] = {
    "pandas": (frozenset(windows.PANDAS), _in_pandas),
    "numpy": (frozenset(elementwise.NUMPY), _in_numpy),
    "polars": (frozenset(windows.POLARS) | frozenset(elementwise.POLARS), _in_polars),
    "numbagg": (frozenset(windows.NUMBAGG), _in_rows(windows.NUMBAGG)),
    "bottleneck": (frozenset(windows.BOTTLENECK), _in_rows(windows.BOTTLENECK)),
}


def able(step: Step) -> list[str]:
    """Name the libraries that have a call for a step."""
    names = [name for name, (operators, _) in LIBRARIES.items() if step["op"] in operators]
    assert names, step
    return names


def ready(name: str, step: Step, values: list[Matrix]) -> Ready:
    """Lay a step out for a library."""
    return LIBRARIES[name][1](step, values)
