"""The risk table: every row speaks about every order, and one that does not pass is enough.

The facts are stored as canonical JSON with the findings; read back, they give the same findings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter

from ..core.canonical import canonical_json
from ..core.registry import Registry, modules_in
from . import risk
from .risk_input import RiskInput
from .risk_row import MISSING, Finding, MissingFactError, Row

ERROR = "row_error"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What every row found about one order, by row id."""

    findings: Mapping[str, Finding]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes of the rows that reject, in the order of the table."""
        return tuple(finding.code for finding in self.findings.values() if finding.code)

    @property
    def is_passed(self) -> bool:
        """Tell whether every row lets the order go."""
        return bool(self.findings) and not self.codes

    def json(self) -> bytes:
        """Write the findings with their numbers, canonically."""
        return canonical_json(self.findings)


@cache
def rows() -> Mapping[str, Row]:
    """Find the rows of the folder ``risk``, in the order of the table."""
    found: Registry[Row] = Registry("risk row")
    for module in modules_in(risk):
        found.add(module.ROW.id, module.ROW, module.__name__)
    members = found.members()
    return {row_id: members[row_id] for row_id in sorted(members, key=lambda name: int(name[1:]))}


def assess(facts: RiskInput) -> Assessment:
    """Let every row look at the order; a row that cannot count rejects."""
    return Assessment({row_id: _finding(row, facts) for row_id, row in rows().items()})


def facts_json(facts: RiskInput) -> bytes:
    """Write the facts for the store."""
    return canonical_json(facts)


def facts_from_json(text: bytes | str) -> RiskInput:
    """Read stored facts back."""
    return TypeAdapter(RiskInput).validate_json(text)


def _finding(row: Row, facts: RiskInput) -> Finding:
    try:
        return row.check(facts)
    except MissingFactError as error:
        return Finding(MISSING, {"fact": str(error)})
    except (ArithmeticError, ValueError, TypeError) as error:
        # NaN compares with an exception in Decimal: a number that is none never passes.
        return Finding(ERROR, {"error": type(error).__name__})
