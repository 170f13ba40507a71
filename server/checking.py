"""``alphaforge data check``: findings, the scorecard, and closes against another dataset's."""

from argparse import ArgumentParser, Namespace

from ..core.diagnostics import Severity
from ..core.errors import UsageError
from .command import Answer, Session

_THRESHOLD = 0.01
_SHOWN_MAX = 10


def configure_check(check: ArgumentParser) -> None:
    """Add its options."""
    check.add_argument(
        "--against", default="", metavar="NAME", help="compare closes with this dataset's"
    )
    check.add_argument(
        "--threshold", type=float, default=_THRESHOLD, help="fraction beyond which closes differ"
    )


def run_check(session: Session, args: Namespace) -> Answer:
    """Answer the verb; errors found give the exit code 1."""
    if args.against:
        return _against(session, args)
    from ..data.quality.scorecard import scorecard_text
    from ..data.wording import findings_text

    findings, card = session.lab.lake.checked(args.name, snapshot=args.snapshot)
    errors, warnings = card.count(Severity.ERROR), card.count(Severity.WARNING)
    end = f"{args.name} {card.snapshot}: {errors} errors, {warnings} warnings"
    data = {
        "name": args.name,
        "snapshot": card.snapshot,
        "errors": errors,
        "warnings": warnings,
        "grade": card.grade,
        "findings": [item.data() for item in findings],
        "scorecard": card.data(),
    }
    parts = [findings_text(findings), scorecard_text(card), end]
    return Answer(data, "\n".join(part for part in parts if part), 1 if errors else 0)


def _against(session: Session, args: Namespace) -> Answer:
    from ..data.quality.deviation import deviation_findings
    from ..data.wording import findings_text

    if not 0 < args.threshold < 1:
        raise UsageError("a threshold is a fraction between 0 and 1", help="0.01 is one percent")
    lake = session.lab.lake
    found, notes = lake.deviations(
        args.name, args.against, snapshot=args.snapshot, threshold=args.threshold
    )
    findings = deviation_findings(found, args.threshold)
    data = {
        "name": args.name,
        "against": args.against,
        "threshold": args.threshold,
        "deviations": [item.data() for item in found],
        "findings": [item.data() for item in findings],
        "notes": list(notes),
    }
    lines = [
        f"{item.symbol:<16} {item.bars:>8} bars  median {item.median:.4%}  p99 {item.p99:.4%}  "
        f"largest {item.largest:.4%} at {item.at[:16]}"
        for item in found[:_SHOWN_MAX]
    ]
    if len(found) > _SHOWN_MAX:
        lines.append(f"and {len(found) - _SHOWN_MAX} more (--json lists all)")
    lines += [f"note: {note}" for note in notes]
    end = (
        f"{args.name} against {args.against}: {len(found)} instruments in both, {len(findings)} "
        f"beyond {args.threshold:.4g}"
    )
    text = [*lines, findings_text(findings), end]
    return Answer(data, "\n".join(part for part in text if part))
