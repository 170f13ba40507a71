"""What a plan says of itself, for people and as JSON values."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...core.clock import to_text
from ...core.durations import duration_text
from .plan import Plan, Read


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON values; bytes are those of whole files."""
    reads = [_read_data(read) for read in plan.reads]
    request = plan.request
    return {
        "dataset": plan.card.name,
        "snapshot": plan.card.snapshot,
        "as_of": to_text(request.as_of.astimezone(UTC)) if request.as_of else "",
        "fields": sorted(set(request.fields)),
        "symbols": list(request.symbols),
        "bar_seconds": plan.bar_seconds,
        "stored_bar_seconds": plan.stored_seconds,
        "start": _text(plan.start),
        "stop": _text(plan.stop),
        "files": sum(len(read.files) for read in plan.reads),
        "bytes": sum(read["bytes"] for read in reads),
        "reads": reads,
        "resampling": dict(plan.resampling),
        "derived": list(plan.derived),
        "steps": _steps(plan),
    }


def plan_text(data: Mapping[str, Any]) -> str:
    """Return the text of ``plan_data``."""
    what = data["snapshot"] or f"records as of {data['as_of'] or 'now'}"
    lines = [
        f"{data['dataset']} {what}: {data['files']} files, {data['bytes']:,} bytes",
        f"bars of {duration_text(data['bar_seconds'])}, opens in [{data['start']}, {data['stop']})",
    ]
    for read in data["reads"]:
        lines.append(
            f"  {read['kind']} version {read['version']}: {len(read['files'])} files, "
            f"{read['bytes']:,} bytes; columns {', '.join(read['columns'])}"
        )
        lines += [f"    {file['month']} {file['bytes']:,} {file['name']}" for file in read["files"]]
        if read["pruned_files"]:
            months = ", ".join(read["pruned_months"]) or "none whole"
            lines.append(f"    not read: {read['pruned_files']} files, months {months}")
    lines += [f"{number}. {step}" for number, step in enumerate(data["steps"], 1)]
    return "\n".join(lines)


def _read_data(read: Read) -> dict[str, Any]:
    months = {file.month for file in read.files}
    return {
        "kind": read.kind,
        "version": read.version,
        "columns": list(read.columns),
        "start": _text(read.start),
        "stop": _text(read.stop),
        "bytes": sum(file.bytes for file in read.files),
        "files": [
            {"month": file.month, "name": Path(file.path).name, "bytes": file.bytes}
            for file in read.files
        ],
        "pruned_files": len(read.pruned),
        "pruned_months": sorted({file.month for file in read.pruned} - months),
    }


def _steps(plan: Plan) -> list[str]:
    kinds = [read.kind for read in plan.reads]
    steps = [f"read {', '.join(kinds)}"]
    if plan.is_records:
        when = "as of the instant" if plan.request.as_of else "of all that is known"
        steps.append(f"keep the latest revision of each key {when}")
        if "funding" in kinds:
            steps.append("add the settlements of each bar to its row")
        steps += [
            f"join the last of {kind} that was known at each bar's end"
            for kind in ("marks", "open_interest")
            if kind in kinds
        ]
    steps += ["leave out rows that break a rule", "lay rows on the grid, NaN where there is none"]
    if plan.resampling:
        how = ", ".join(f"{name} {what}" for name, what in plan.resampling)
        steps.append(
            f"make each {plan.per_bar} bars of {duration_text(plan.stored_seconds)} one of "
            f"{duration_text(plan.bar_seconds)}, counted from the epoch: {how}"
        )
    return [*steps, *(f"derive {name}" for name in plan.derived)]


def _text(seconds: int) -> str:
    return to_text(datetime.fromtimestamp(seconds, UTC))
