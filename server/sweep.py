"""``run --sweep``: every variant of a text's parameters, each a run and a trial of its own."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any

from ..core.errors import AlphaForgeError
from ..core.progress import Report
from .command import Answer, Session
from .progress import progress_bar
from .toolcall import error_text, figure, table

if TYPE_CHECKING:
    from ..runs.record import Run
    from ..runs.selection import Selection
    from ..tools.errors import ToolAnswer

# One call waits no longer; the command calls again.
CALL_SECONDS = 300
SHOWN_MAX = 50
GOING = frozenset({"created", "queued", "running"})
# A choice in a variant's name; a string may hold spaces.
_WORDS = re.compile(r'\w+=(?:"[^"]*"|\S+)')
METRICS = ("sharpe", "oos_sharpe", "annual_return", "max_drawdown")


def sweep(session: Session, arguments: Mapping[str, Any], *, wait_s: int) -> Answer:
    """Run the variants as one batch and wait for them; it goes on when the wait is given up."""
    asked = {**arguments, "wait_s": min(wait_s, CALL_SECONDS)}
    deadline = monotonic() + wait_s
    with progress_bar("sweep", is_quiet=session.is_json) as report:
        answer = call(session, asked, report)
        first = answer.fields
        while not answer.is_error and answer.fields["state"] in GOING:
            left = int(deadline - monotonic())
            if left <= 0:
                break
            again = {"run_id": first["run_id"], "wait_s": min(left, CALL_SECONDS)}
            answer = call(session, again, report)
    if answer.is_error:
        text = error_text(answer.fields, str(arguments.get("text") or ""))
        return Answer(answer.fields, text, answer.exit_code, is_error=True)
    batch = answer.fields["run_id"]
    rows = [_row(name, run) for name, run in session.lab.runs.batches.runs(batch)]
    rows += [_refused(item) for item in first["variants"] if item["state"] == "refused"]
    selection, why_not = _selection(session, rows)
    data: dict[str, Any] = {
        "batch_id": batch,
        "state": answer.fields["state"],
        "variants": rows,
        "count": len(rows),
        "trials": answer.fields["trials"],
        "notes": answer.fields["notes"],
        "why_not": why_not,
    }
    data["selection"] = None if selection is None else asdict(selection)
    has_failed = any(row["error"] or row["state"] in GOING for row in rows)
    told = [_shown(batch, rows, selection, why_not)]
    told += [f"note: {note}" for note in answer.fields["notes"]]
    return Answer(data, "\n".join(told), 1 if has_failed else 0)


def call(session: Session, arguments: Mapping[str, Any], report: Report) -> "ToolAnswer":
    """Ask the tool, as an agent would."""
    from ..tools.door import call_tool

    given = {key: value for key, value in arguments.items() if value is not None}
    return call_tool(session.lab, "run", given, principal=session.principal, report=report)


def _row(name: str, run: "Run") -> dict[str, Any]:
    experiment = run.experiment()
    error = experiment.error
    if run.state.value == "cancelled" and not error:
        error = "cancelled; ask again to go on"
    return {
        "name": name,
        "params": _params(name),
        "run_id": run.run_id,
        "experiment_id": run.experiment_id,
        "state": run.state.value,
        "error": error,
        "artifacts": list(run.artifacts),
        "metrics": {metric: experiment.metric(metric) for metric in METRICS},
    }


def _refused(item: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": item["name"],
        "params": _params(item["name"]),
        "run_id": "",
        "experiment_id": "",
        "state": "refused",
        "error": item["error"],
        "artifacts": [],
        "metrics": dict.fromkeys(METRICS),
    }


def _params(name: str) -> dict[str, str]:
    """Read the choices out of a variant's name."""
    return {key: value for key, mark, value in map(_parted, _WORDS.findall(name)) if mark}


def _parted(word: str) -> tuple[str, str, str]:
    return word.partition("=")


def _selection(session: Session, rows: list[dict[str, Any]]) -> "tuple[Selection | None, str]":
    """Choose by fold where all variants were cut into folds; say why not where that fails."""
    from ..runs.artifacts import FOLDS, RETURNS, SERIES
    from ..runs.selection import select, tested_from

    done = [row for row in rows if FOLDS in row["artifacts"]]
    if not done:
        return None, ""
    runs, tenant = session.lab.runs, session.principal.tenant
    try:
        tested = [
            tested_from(
                row["name"],
                folds=runs.artifact(row["run_id"], FOLDS, tenant=tenant),
                series=runs.artifact(
                    row["run_id"],
                    SERIES if SERIES in row["artifacts"] else RETURNS,
                    tenant=tenant,
                ),
            )
            for row in done
        ]
        return select(tested), ""
    except AlphaForgeError as error:
        return None, error.message


def _shown(
    batch: str, rows: list[dict[str, Any]], selection: "Selection | None", why_not: str
) -> str:
    ranked = sorted(rows, key=lambda row: -(row["metrics"]["sharpe"] or -inf))
    # All of a small sweep, the best of a large one; `--json` has all of any.
    shown = rows if len(rows) <= SHOWN_MAX else ranked[:SHOWN_MAX]
    body = [
        [
            row["name"],
            *(figure(row["metrics"][name]) for name in METRICS),
            row["experiment_id"] if not row["error"] else f"{row['state']}: {row['error']}",
        ]
        for row in shown
    ]
    started = sum(bool(row["run_id"]) for row in rows)
    lines = [table([["variant", *METRICS, "experiment"], *body])]
    if len(shown) < len(rows):
        lines.append(f"the {len(shown)} of the highest Sharpe ratios; `--json` lists all")
    lines.append(f"{len(rows)} variants, {started} of them trials")
    going = sum(row["state"] in GOING for row in rows)
    if going:
        lines.append(f"{going} go on: see `alphaforge runs show {batch}`, or cancel it")
    if why_not:
        lines.append(f"no choice by fold: {why_not}")
    if selection is not None:
        chosen = [
            [choice.test, choice.name, figure(choice.train_sharpe), figure(choice.test_sharpe)]
            for choice in selection.choices
        ]
        lines += [
            "chosen in each fold by the Sharpe ratio of its train:",
            table([["test", "variant", "train", "test"], *chosen]),
            _together(selection),
        ]
    return "\n".join(lines)


def _together(selection: "Selection") -> str:
    sharpe, gained = figure(selection.sharpe), figure(selection.total_return)
    fall = figure(selection.max_drawdown)
    return f"out of sample: Sharpe {sharpe}, return {gained}, largest drawdown {fall}"
