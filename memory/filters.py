"""Which experiments a question is about, as conditions of SQL whose values are always bound."""

from dataclasses import dataclass

from ..core.errors import InvalidInputError
from .experiment import ExperimentKind

NAMES_MAX = 20
# Filters that are columns of one value.
EXACT = ("state", "dataset", "author", "signal_fingerprint", "strategy_fingerprint")


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty means all; ``operators`` and ``fields`` must all be used."""

    kinds: tuple[ExperimentKind, ...] = (ExperimentKind.RUN,)
    state: str = ""
    dataset: str = ""
    author: str = ""
    signal_fingerprint: str = ""
    strategy_fingerprint: str = ""
    operators: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a list that is too long to look up."""
        if len(self.operators) + len(self.fields) > NAMES_MAX:
            raise InvalidInputError(
                f"{len(self.operators) + len(self.fields)} operators and fields are named",
                help=f"name at most {NAMES_MAX}",
            )


def conditions(filters: Filters, tenant: str) -> tuple[str, list[str | int]]:
    """Write the filters as a condition and the values to bind, in order."""
    parts = ["tenant = ?"]
    values: list[str | int] = [tenant]
    if filters.kinds:
        parts.append(f"kind IN ({', '.join('?' * len(filters.kinds))})")
        values += [kind.value for kind in filters.kinds]
    for column, wanted in exact(filters):
        parts.append(f"{column} = ?")
        values.append(wanted)
    for column, names in (("operators", filters.operators), ("fields", filters.fields)):
        for name in names:
            parts.append(f"EXISTS (SELECT 1 FROM json_each({column}) WHERE value = ?)")
            values.append(name)
    return " AND ".join(parts), values


def exact(filters: Filters) -> list[tuple[str, str]]:
    """List the columns that must have one value, and the values."""
    return [(name, getattr(filters, name)) for name in EXACT if getattr(filters, name)]
