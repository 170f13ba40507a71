"""What an index filters by: hashes of our own, so that no name ever becomes part of a condition."""

from collections.abc import Sequence
from hashlib import blake2b

from .experiment import Experiment
from .filters import EXACT, Filters, exact

_HEX = frozenset("0123456789abcdef")


def mark(what: str, value: str) -> str:
    """Return the hash that stands for a value of one sort."""
    return blake2b(f"{what}\x1f{value}".encode(), digest_size=8).hexdigest()


def marks_of(experiment: Experiment) -> tuple[str, ...]:
    """List the marks of an experiment."""
    return (
        mark("tenant", experiment.tenant),
        mark("kind", experiment.kind.value),
        *(mark(name, getattr(experiment, name)) for name in EXACT),
        *(mark("operator", name) for name in experiment.operators),
        *(mark("field", name) for name in experiment.fields),
    )


def marks_wanted(filters: Filters, tenant: str) -> tuple[str, ...]:
    """List the marks that a row must have; kinds joined by ``|`` are alternatives."""
    wanted = [mark("tenant", tenant)]
    if filters.kinds:
        wanted.append("|".join(mark("kind", kind.value) for kind in filters.kinds))
    wanted += [mark(name, value) for name, value in exact(filters)]
    wanted += [mark("operator", name) for name in filters.operators]
    wanted += [mark("field", name) for name in filters.fields]
    return tuple(wanted)


def condition(marks: Sequence[str], seen: int) -> str:
    """Write the condition of an index query; only hex digits and a number go in.

    Raises:
        ValueError: when something else would go in.
    """
    parts = [f"changed <= {int(seen)}"]
    for group in marks:
        alternatives = group.split("|")
        if any(not one or not _HEX.issuperset(one) for one in alternatives):
            raise ValueError(f"`{group}` is not a mark")
        parts.append("(" + " OR ".join(f"array_has(marks, '{one}')" for one in alternatives) + ")")
    return " AND ".join(parts)
