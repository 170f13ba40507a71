"""One question that a check asks of the served bars."""

from dataclasses import dataclass

from ...core.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One question in SQL, and the fields without which it is not asked.

    Two rules may have one name: what they find is told together.
    """

    name: str
    severity: Severity
    needs: tuple[str, ...]
    sql: str
