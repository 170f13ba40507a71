"""Cards, statistics and findings as text for people."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from ..core.durations import duration_text
from .card import DatasetCard
from .fields import column
from .finding import FieldSummary, Finding
from .quality.scorecard import Scorecard, scorecard_text

_SHOWN_MAX = 6
_VERSIONS_MAX = 10


def card_text(
    card: DatasetCard,
    summary: Sequence[FieldSummary] = (),
    score: Scorecard | None = None,
) -> str:
    """Return the whole card: what it is, its fields with units, its notes, its history."""
    title = f"{card.name}{'  SYNTHETIC' if card.is_synthetic else ''}"
    lines = [
        title,
        f"  snapshot  {card.snapshot}",
        f"  origin    {card.origin}, imported {card.imported_at[:19]}Z",
        f"  bars      {card.rows} of {duration_text(card.bar_seconds)}",
        f"  opens     {card.start[:16]} to {card.end[:16]} UTC",
        f"  symbols   {len(card.symbols)}: {_few(card.symbols)}",
        *(f"  traded    {line}" for line in _kinds(card)),
        "  fields",
    ]
    statistics = {item.field: item for item in summary}
    lines += [_field_line(name, statistics.get(name)) for name in card.fields]
    lines += [f"    {name:<20} derived, {column(name).unit}" for name in card.derived]
    lines += [f"  groups    {name}: {_few(labels)}" for name, labels in card.labels]
    lines += ["  notes", *(f"    - {note}" for note in card.notes)] if card.notes else []
    lines += [f"  quality   {line}" for line in _quality(card.name, score)]
    earlier = [item for item in card.versions() if item.snapshot != card.snapshot]
    if earlier:
        lines.append("  earlier snapshots, still served by name")
        lines += [
            f"    {item.snapshot}  {item.rows} bars to {item.end[:16]}, "
            f"imported {item.imported_at[:19]}Z"
            for item in earlier[-_VERSIONS_MAX:]
        ]
    return "\n".join(lines)


def findings_text(findings: Sequence[Finding]) -> str:
    """Return the findings, those of one rule together."""
    lines = []
    for (severity, rule), items in groupby(findings, key=lambda item: (item.severity, item.rule)):
        members = list(items)
        total = sum(item.count for item in members)
        head = f"{severity.value:<8}{rule:<20}"
        if len(members) == 1:
            only = members[0]
            place = f"{only.symbol}: " if only.symbol else ""
            first = f", first {only.first[:16]}" if only.first else ""
            lines.append(f"{head} {place}{only.message}{first}")
            continue
        lines.append(f"{head} {total} in {len(members)} places")
        lines += [
            f"{'':<29}{item.symbol or item.first[:16]}: {item.message}"
            for item in members[:_SHOWN_MAX]
        ]
        if len(members) > _SHOWN_MAX:
            lines.append(f"{'':<29}and {len(members) - _SHOWN_MAX} more (--json lists all)")
    return "\n".join(lines)


def _field_line(name: str, item: FieldSummary | None) -> str:
    head = f"    {name:<20} {column(name).unit}"
    if item is None or item.low is None:
        return head
    share = item.missing / max(1, item.missing + item.values)
    missing = f", {share:.1%} missing" if item.missing else ""
    return f"{head}: {item.low:.6g} .. {item.median:.6g} .. {item.high:.6g}{missing}"


def _quality(name: str, score: Scorecard | None) -> list[str]:
    if score is None:
        return [f"not checked yet: alphaforge data check {name}"]
    return [*scorecard_text(score).splitlines(), f"checked {score.checked_at[:19]}Z"]


def _kinds(card: DatasetCard) -> list[str]:
    """Say what the instruments are, the most common first."""
    counts = Counter(
        (info.asset_class.value, info.settle, info.calendar.value, info.venue)
        for info in card.infos()
    )
    return [
        f"{count} {kind}"
        + (f" settled in {settle}" if settle else "")
        + f", {calendar}"
        + (f", on {venue}" if venue else "")
        for (kind, settle, calendar, venue), count in sorted(
            counts.items(), key=lambda item: (-item[1], item[0])
        )[:_SHOWN_MAX]
    ]


def _few(names: Sequence[str]) -> str:
    shown = " ".join(names[:_SHOWN_MAX])
    rest = len(names) - _SHOWN_MAX
    return shown if rest <= 0 else f"{shown} and {rest} more"
