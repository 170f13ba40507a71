"""``run --sweep``: every variant of a text's parameters, each a run and a trial of its own."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..core.durations import seconds_of
from ..core.errors import AlphaForgeError, InvalidInputError, UsageError
from .command import Answer, Session
from .progress import progress_bar
from .toolcall import figure, table

if TYPE_CHECKING:
    from ..runs.selection import Selection

VARIANTS_MAX = 200
METRICS = ("sharpe", "oos_sharpe", "annual_return", "max_drawdown")


def sweep(session: Session, text: str, arguments: Mapping[str, Any]) -> Answer:
    """Run the variants one after the other, through the same door as a single run.

    Raises:
        InvalidTextError: when the text has faults.
        UsageError: when it has no parameters left to vary.
        InvalidInputError: when the variants are too many.
    """
    from ..tools.door import call_tool

    choices = _choices(session, text, arguments)
    rows: list[dict[str, Any]] = []
    with progress_bar("sweep", is_quiet=session.is_json) as report:
        for place, params in enumerate(choices):
            report(place, len(choices), f"{place + 1} of {len(choices)}, {_name(params)}")
            given = {**arguments, "params": params}
            asked = {key: value for key, value in given.items() if value is not None}
            answer = call_tool(session.lab, "run", asked, principal=session.principal)
            rows.append(_row(params, answer.fields, is_error=answer.is_error))
    selection, why_not = _selection(session, rows)
    data: dict[str, Any] = {"variants": rows, "count": len(rows), "why_not": why_not}
    data["selection"] = None if selection is None else asdict(selection)
    has_failed = any(row["error"] for row in rows)
    return Answer(data, _shown(rows, selection, why_not), 1 if has_failed else 0)


def _choices(session: Session, text: str, arguments: Mapping[str, Any]) -> list[dict[str, str]]:
    from ..dsl.compile import compile_text
    from ..dsl.sweep import variant_count, variants

    chosen = arguments.get("params") or {}
    bar = seconds_of(arguments.get("bar") or "1h")
    made = compile_text(text, session.lab.catalogue, bar_seconds=bar, params=chosen)
    made.require()
    free = [param for param in made.params if param.name not in chosen]
    if not free:
        raise UsageError(
            "the text has no parameter to vary", help="add `param lookback in [12h, 24h, 48h]`"
        )
    count = variant_count(free)
    if count > VARIANTS_MAX:
        raise InvalidInputError(
            f"{count} variants are over the {VARIANTS_MAX} that one sweep may run",
            help="choose some values with `--param NAME=VALUE`, or list fewer",
        )
    return [{**chosen, **variant} for variant in variants(free)]


def _row(params: Mapping[str, str], fields: Mapping[str, Any], *, is_error: bool) -> dict[str, Any]:
    said = "" if is_error else str(fields["state"])
    error = fields.get("message", "") if is_error else fields["error"]
    if not is_error and said != "completed" and not error:
        error = f"the run is {said}: look with `alphaforge runs show {fields['run_id']}`"
    metrics = {} if is_error else fields["metrics"]
    return {
        "params": dict(params),
        "run_id": fields.get("run_id", ""),
        "experiment_id": fields.get("experiment_id", ""),
        "state": said or "refused",
        "error": error,
        "artifacts": list(fields.get("artifacts", ())),
        "metrics": {name: metrics.get(name) for name in METRICS},
    }


def _selection(session: Session, rows: list[dict[str, Any]]) -> "tuple[Selection | None, str]":
    """Choose by fold where all variants were cut into folds; say why not where that fails."""
    from ..runs.artifacts import FOLDS, SERIES
    from ..runs.selection import select, tested_from

    done = [row for row in rows if FOLDS in row["artifacts"]]
    if not done:
        return None, ""
    runs, tenant = session.lab.runs, session.principal.tenant
    try:
        tested = [
            tested_from(
                _name(row["params"]),
                folds=runs.artifact(row["run_id"], FOLDS, tenant=tenant),
                series=runs.artifact(row["run_id"], SERIES, tenant=tenant),
            )
            for row in done
        ]
        return select(tested), ""
    except AlphaForgeError as error:
        return None, error.message


def _name(params: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in params.items())


def _shown(rows: list[dict[str, Any]], selection: "Selection | None", why_not: str) -> str:
    names = list(rows[0]["params"])
    head = [*names, *METRICS, "experiment"]
    body = [
        [
            *row["params"].values(),
            *(figure(row["metrics"][name]) for name in METRICS),
            row["experiment_id"] if not row["error"] else f"{row['state']}: {row['error']}",
        ]
        for row in rows
    ]
    started = sum(bool(row["run_id"]) for row in rows)
    lines = [table([head, *body]), f"{len(rows)} variants, {started} of them trials"]
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
