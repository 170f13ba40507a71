"""What a check says of a dataset: findings in its bars and its records, and a scorecard."""

from pathlib import Path
from typing import TYPE_CHECKING

from ..card import DatasetCard
from ..finding import Finding, sorted_findings
from .scorecard import Scorecard, scored

if TYPE_CHECKING:
    from ..records import Records

# What stands for a snapshot where a dataset has records and no bars.
RECORDS = "records"


def verdict(
    lake: Path,
    folder: Path,
    card: DatasetCard | None,
    records: "tuple[Records, str] | None",
    checked_at: str,
) -> tuple[list[Finding], Scorecard]:
    """Return the findings, errors first, and the scorecard.

    ``card`` is of the snapshot to check, if any; ``records`` and the dataset's name, if any.
    """
    found: list[Finding] = []
    asked = []
    if card is not None:
        from .checks import check_table, looked_for

        found += check_table(lake, folder, card)
        asked += looked_for(card)
    if records is not None:
        from .record_checks import RECORD_RULES, record_findings

        found += record_findings(*records)
        asked += RECORD_RULES
    if card is not None:
        rows = card.rows + sum(count for _, count in card.faults)
    else:
        rows = _rows(records)
    grade, scores = scored(found, asked, rows)
    snapshot = card.snapshot if card is not None else RECORDS
    return sorted_findings(found), Scorecard(folder.name, snapshot, checked_at, rows, grade, scores)


def _rows(records: "tuple[Records, str] | None") -> int:
    if records is None:
        return 0
    tables, name = records
    return sum(tables.described(kind, name).rows for kind in tables.kinds(name))
