"""A graph of steps in numbagg, bottleneck, pandas, polars and numpy; runs in the peers' venv.

``plan.json`` has the steps, whose inputs stand before them, and the places of the formulas. On
stdin, ``time K OF`` times part ``K`` of ``OF`` of the steps, in order, and answers how many seconds
each library takes; each step is charged at its fastest, and is computed once however many formulas
use it. ``agree`` compares with our values on a small panel.

Every library is timed on a tenth of a step first; those that are far from the fastest there are
not timed in full, and their time is ten times that.
"""

import json
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from elementwise import NUMPY
from libraries import LIBRARIES, able, ready
from windows import ACROSS

Matrix = np.ndarray
Step = dict[str, Any]
# A matrix, or the number of a constant.
Value = np.ndarray | float
Found = TypeVar("Found")
CONTENDER = 2.0
TENTH = 10
ENOUGH_SECONDS, CALLS = 0.2, 3
RELATIVE = 1e-9


def least(call: Callable[[], Found]) -> tuple[float, Found]:
    """Return the least time of up to three calls, fewer of a slow one, and an answer."""
    took: list[float] = []
    while len(took) < CALLS and sum(took) < ENOUGH_SECONDS:
        begun = time.perf_counter()
        found = call()
        took.append(time.perf_counter() - begun)
    return min(took), found


def tenth(step: Step, values: list[Value]) -> list[Value]:
    """Cut instruments, or bars of what looks across instruments."""

    def cut(x: Value) -> Value:
        if not isinstance(x, np.ndarray):
            return x
        count = max(1, x.shape[step["op"] in ACROSS] // TENTH)
        part = x[:, :count] if step["op"] in ACROSS else x[:count]
        return np.ascontiguousarray(part)

    return [cut(x) for x in values]


class Peers:
    """The plan, and what has been computed and is still wanted."""

    def __init__(self, folder: Path) -> None:
        """Read the plan and the fields."""
        plan = json.loads((folder / "plan.json").read_text())
        self._folder = folder
        self._steps: list[Step] = plan["steps"]
        self._roots: list[int] = plan["roots"]
        self._last = {
            source: at for at, step in enumerate(self._steps) for source in step["inputs"]
        }
        self._values: dict[int, Value] = {}

    def _source(self, step: Step, folder: Path) -> Value | None:
        """Return a field or a constant; None for a step that is computed."""
        if step["op"] == "constant":
            return step["value"]
        return np.load(folder / f"{step['field']}.npy") if step["op"] == "field" else None

    def time(self, part: int, parts: int) -> dict[str, Any]:
        """Time a part of the steps; seconds by operator and by library."""
        count = len(self._steps)
        taken: dict[str, float] = defaultdict(float)
        lacking: dict[str, int] = defaultdict(int)
        fastest: dict[str, int] = defaultdict(int)
        spent: dict[str, float] = defaultdict(float)
        for at in range(count * part // parts, count * (part + 1) // parts):
            step = self._steps[at]
            source = self._source(step, self._folder)
            if source is not None:
                self._values[at] = source
                continue
            seconds, self._values[at] = self._timed(
                step, [self._values[place] for place in step["inputs"]]
            )
            for place in {*step["inputs"]}:
                if self._last[place] == at:
                    del self._values[place]
            winner = min(seconds, key=lambda name: seconds[name])
            fastest[winner] += 1
            spent[step["op"]] += seconds[winner]
            for name in LIBRARIES:
                if name in seconds:
                    taken[name] += seconds[name]
                elif step["op"] in NUMPY:
                    taken[name] += seconds[winner]
                else:
                    lacking[name] += 1
        return {
            "spent": spent,
            "taken": taken,
            "lacking": lacking,
            "fastest": fastest,
        }

    def _timed(self, step: Step, values: list[Value]) -> tuple[dict[str, float], Matrix]:
        """Time a step in each library; its values from the fastest."""
        seconds: dict[str, float] = {}
        few = tenth(step, values)
        for name in able(step):
            seconds[name] = least(ready(name, step, few)[0])[0] * TENTH
        limit = CONTENDER * min(seconds.values())
        best, kept = np.inf, None
        for name in [name for name in seconds if seconds[name] <= limit]:
            call, read = ready(name, step, values)
            seconds[name], found = least(call)
            if seconds[name] < best:
                best, kept = seconds[name], read(found)
        assert kept is not None
        return seconds, kept

    def agree(self) -> dict[str, Any]:
        """Compare with ours: each library's every step of our inputs, and whole formulas."""
        small = self._folder / "small"
        ours: dict[int, Value] = {}
        theirs: dict[int, Value] = {}
        equal: dict[str, list[int]] = {name: [0, 0] for name in LIBRARIES}
        apart: dict[str, list[str]] = {name: [] for name in LIBRARIES}
        for at, step in enumerate(self._steps):
            source = self._source(step, small)
            if source is not None:
                ours[at] = theirs[at] = source
                continue
            ours[at] = np.load(small / f"{at}.npy")
            for name in able(step):
                call, read = ready(name, step, [ours[place] for place in step["inputs"]])
                is_equal = _alike(read(call()), ours[at]) == 1.0
                equal[name][0] += is_equal
                equal[name][1] += 1
                if not is_equal:
                    apart[name].append(step["op"])
            call, read = ready(able(step)[0], step, [theirs[place] for place in step["inputs"]])
            theirs[at] = np.array(read(call()))
        shares = [_alike(theirs[root], ours[root]) for root in self._roots]
        return {"equal": equal, "apart": apart, "shares": shares}


def _alike(theirs: Matrix, ours: Matrix) -> float:
    """Return the share of cells that are equal, to the value's or the matrix' own size."""
    size = np.maximum(np.abs(ours), np.nanmean(np.abs(ours)))
    both = np.isnan(theirs) & np.isnan(ours)
    return float((both | (np.abs(theirs - ours) <= RELATIVE * size)).mean())


def main() -> None:
    """Answer line by line until stdin ends."""
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    peers = Peers(Path(sys.argv[1]))
    for line in sys.stdin:
        what, *numbers = line.split()
        found = peers.agree() if what == "agree" else peers.time(*map(int, numbers))
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
