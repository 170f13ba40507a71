"""Our time for some formulas beside the public libraries', in turn with them."""

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alphaforge.benchmarks.peers.parent import bars, child, line
from alphaforge.benchmarks.peers.plan import Plan
from alphaforge.core.panel import Panel
from alphaforge.dsl.nodes import Node
from alphaforge.engine.evaluate import Evaluator

# Ours is measured before each part of theirs.
PARTS = 5
SMALL = (1500, 20)
LIBRARIES = ("numbagg", "bottleneck", "pandas", "polars")


@dataclass(frozen=True, slots=True)
class Found:
    """Least seconds of ours; theirs by operator, each step at its fastest library, and by library.

    ``lacking`` counts the steps that a library has no call for, ``fastest`` those it is first at.
    """

    ours: float
    spent: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    lacking: Counter[str] = field(default_factory=Counter)
    fastest: Counter[str] = field(default_factory=Counter)


def against_libraries(
    formulas: Sequence[Node],
    panel: Panel,
    evaluator: Evaluator,
    ours: Callable[[], float],
    target: float,
) -> Found:
    """Print how the libraries' values agree, and their times over ours.

    ``ours`` computes all formulas on the panel and returns the seconds that it took.
    """
    with tempfile.TemporaryDirectory() as folder:
        Plan(formulas).write(Path(folder), panel.fields, bars(*SMALL, missing=0.0), evaluator)
        with child("steps.py", folder) as peers:
            agreed = peers.ask("agree")
            seconds, parts = [], []
            for number in range(PARTS):
                seconds += [ours(), ours()]
                parts.append(peers.ask(f"time {number} {PARTS}"))
            seconds.append(ours())
    found = Found(min(seconds))
    for part in parts:
        for name in ("spent", "taken", "lacking", "fastest"):
            getattr(found, name).update(part[name])
    show(found, agreed, target)
    return found


def show(found: Found, agreed: Mapping[str, Any], target: float) -> None:
    """Print agreement and ratios."""
    shares = agreed["shares"]
    print(
        f"  formulas whose every value is theirs: {sum(share == 1.0 for share in shares)} of"
        f" {len(shares)}, {100 * sum(shares) / len(shares):.3f} % of cells"
    )
    for name in LIBRARIES:
        equal, count = agreed["equal"][name]
        apart = ", ".join(f"{op} {times}" for op, times in Counter(agreed["apart"][name]).items())
        print(
            f"  {name:<44}{found.taken[name] / found.ours:>9.2f}   lacks {found.lacking[name]}"
            f" steps, equals ours at {equal} of {count}{f', not {apart}' if apart else ''}"
        )
    ratio = found.spent.total() / found.ours
    winners = ", ".join(f"{name} {times}" for name, times in found.fastest.most_common())
    print(line("  the fastest of them at each step", ratio, target))
    print(f"    ({winners})")
