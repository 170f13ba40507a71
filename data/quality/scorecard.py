"""The scorecard of one snapshot: one line a rule that was asked, and one grade over all.

| grade | meaning |
|---|---|
| A | nothing but notes |
| B | warnings, all of what they count below one percent of the bars |
| C | warnings beyond that |
| D | errors: rows are left out, at most one percent of them |
| F | errors beyond that, or stored rows that are no longer those that were taken in |
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ...core.diagnostics import Severity
from ..finding import Finding

_SHARE_SMALL = 0.01
_SPOILT = "content_changed"


@dataclass(frozen=True, slots=True)
class Score:
    """What one rule found: how much in all, in how many places; 0 where it found nothing."""

    rule: str
    severity: Severity
    count: int
    places: int


@dataclass(frozen=True, slots=True)
class Scorecard:
    """The scores of one snapshot, errors first, then by rule; ``checked_at`` is UTC.

    ``rows`` counts what was checked: bars, served or left out; records where there is no bar.
    """

    name: str
    snapshot: str
    checked_at: str
    rows: int
    grade: str
    scores: tuple[Score, ...]

    def count(self, severity: Severity) -> int:
        """Return how many places have a finding of a severity."""
        return sum(score.places for score in self.scores if score.severity is severity)

    def data(self) -> Mapping[str, Any]:
        """Return the scorecard as JSON values."""
        return asdict(self)


def scorecard_from(data: Mapping[str, Any]) -> Scorecard:
    """Read what ``data()`` gave, after JSON."""
    scores = tuple(
        Score(
            str(item["rule"]),
            Severity(item["severity"]),
            int(item["count"]),
            int(item["places"]),
        )
        for item in data["scores"]
    )
    return Scorecard(
        name=str(data["name"]),
        snapshot=str(data["snapshot"]),
        checked_at=str(data["checked_at"]),
        rows=int(data["rows"]),
        grade=str(data["grade"]),
        scores=scores,
    )


def scored(
    findings: Sequence[Finding], asked: Iterable[tuple[str, Severity]], rows: int
) -> tuple[str, tuple[Score, ...]]:
    """Return the grade and the score of each rule and severity, asked or found."""
    pairs = dict.fromkeys([*asked, *((item.rule, item.severity) for item in findings)])
    scores = []
    for rule, severity in pairs:
        of_rule = [item for item in findings if (item.rule, item.severity) == (rule, severity)]
        count = sum(item.count for item in of_rule)
        scores.append(Score(rule, severity, count, len(of_rule)))
    order = list(Severity)
    scores.sort(key=lambda score: (order.index(score.severity), score.rule))
    return _grade(scores, rows), tuple(scores)


def scorecard_text(card: Scorecard) -> str:
    """Return a line a rule that found something, the names of those that did not, the grade."""
    lines = [
        f"{score.severity.value:<8}{score.rule:<20} {score.count:>10} in {score.places} places"
        for score in card.scores
        if score.places
    ]
    silent = sorted(
        {score.rule for score in card.scores} - {s.rule for s in card.scores if s.places}
    )
    if silent:
        lines.append(f"nothing found by {', '.join(silent)}")
    lines.append(f"grade {card.grade} ({_MEANINGS[card.grade]})")
    return "\n".join(lines)


_MEANINGS = {
    "A": "nothing but notes",
    "B": "warnings on less than 1 % of the bars",
    "C": "warnings on 1 % of the bars or more",
    "D": "errors: up to 1 % of the rows are left out",
    "F": "errors: more than 1 % of the rows are left out, or the stored rows changed",
}


def _grade(scores: Sequence[Score], rows: int) -> str:
    counts = {
        severity: sum(score.count for score in scores if score.severity is severity)
        for severity in Severity
    }
    if any(score.rule == _SPOILT and score.places for score in scores):
        return "F"
    if counts[Severity.ERROR]:
        return "D" if counts[Severity.ERROR] <= _SHARE_SMALL * rows else "F"
    if counts[Severity.WARNING]:
        return "B" if counts[Severity.WARNING] < _SHARE_SMALL * rows else "C"
    return "A"
