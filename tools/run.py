"""``run``: back-test texts on a data set in a process of their own, watch it, cancel it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from ..core.durations import seconds_of
from ..core.errors import InvalidInputError, InvalidTextError
from ..policies.action import Action
from ..policies.request import Request
from . import batch
from .batch import VariantFields
from .batch_notes import together
from .fields import TEXT_BYTES_MAX, Dialect, Params, Text, finite, shortened
from .luck import DEFLATED_HELP, deflated
from .tool import Call, Deed, Hints, Input, Output, Tool

if TYPE_CHECKING:
    from ..dsl.compile import Compilation
    from ..runs.batches import BatchView
    from ..runs.service import RunView
    from .lab import Lab

BATCH = "bat_"
WAIT_S_MAX = 300
ERROR_CHARS_MAX = 1_000
NOTE_CHARS_MAX = 240
NOTES_MAX = 10
# What an answer tells unless all is asked for; the run's files hold every metric.
CHOSEN = (
    *("annual_return", "annual_volatility", "bars", "calmar", "capacity", "cost_share"),
    *("exposure_gross_mean", "exposure_net_mean", "fees_total", "frozen_orders", "funding_total"),
    *("hit_rate", "is_liquidated", "max_drawdown", "oos_annual_return", "oos_max_drawdown"),
    *("oos_sharpe", "quantile_spread", "rank_ic_ir", "rank_ic_mean", "rank_ic_t", "sharpe"),
    *("sharpe_se", "slippage_total", "sortino", "total_return", "trades", "turnover_daily"),
    *("beta", "alpha_annual", "information_ratio"),
)
TEXTS_MAX = 64
ONE_OF = ("text", "texts", "id", "run_id", "cancel")


class RunInput(Input):
    """What to run, or which run to look at."""

    text: Annotated[
        str, Field(max_length=TEXT_BYTES_MAX, description="strategy file or bare expression")
    ] = ""
    texts: Annotated[
        list[Text], Field(max_length=TEXTS_MAX, description="several texts, as one batch")
    ] = []  # noqa: RUF012  # pydantic copies a default.
    id: Annotated[str, Field(max_length=64, description="experiment id: run its text again")] = ""
    sweep: Annotated[
        bool,
        Field(description="run every variant of the text's `param`s as one batch"),
    ] = False
    dataset: Annotated[
        str,
        Field(
            max_length=256,
            description="data set; overrides the one the text names (another by its alias: "
            "perps, okx=perps_okx)",
        ),
    ] = ""
    bar: Annotated[str, Field(max_length=12, description="grid of a bare expression")] = "1h"
    dialect: Dialect = "af"
    params: Params = Field(default_factory=dict)
    parent: Annotated[
        str, Field(max_length=64, description="experiment id that this text is a variation of")
    ] = ""
    wait_s: Annotated[
        int, Field(ge=0, le=WAIT_S_MAX, description="seconds to wait for the end; 0 starts only")
    ] = 25
    run_id: Annotated[
        str, Field(max_length=64, description="look at this run or batch instead")
    ] = ""
    cancel: Annotated[str, Field(max_length=64, description="cancel this run or batch")] = ""
    all_metrics: Annotated[bool, Field(description="every metric, not the chosen few")] = False

    @model_validator(mode="after")
    def _one_deed(self) -> "RunInput":
        given = [name for name in ONE_OF if getattr(self, name)]
        if len(given) != 1:
            listed = ", ".join(f"`{name}`" for name in ONE_OF)
            raise ValueError(f"give exactly one of {listed}; {len(given)} were given")
        return self


class RunOutput(Output):
    """How a run stands."""

    run_id: str
    experiment_id: str
    state: Annotated[
        str, Field(description="created, queued, running, completed, failed or cancelled")
    ]
    progress: Annotated[float, Field(description="0 to 1")]
    message: str
    fingerprint: str
    run_fingerprint: str
    dataset: str
    snapshot: str
    metrics: Annotated[
        dict[str, float | None],
        Field(description="annualised over 365 days; returns and shares as fractions of capital"),
    ]
    deflated_sharpe: Annotated[float | None, Field(description=DEFLATED_HELP)]
    trials: Annotated[int, Field(description="distinct trials on this data set so far")]
    is_from_memory: bool
    artifacts: Annotated[list[str], Field(description="files the run left, for the human")]
    notes: Annotated[
        list[str],
        Field(description="what to know of the data and the numbers; of a batch, said once"),
    ]
    error: str
    next: str
    variants: Annotated[list[VariantFields], Field(description="of a batch, the best")] = []  # noqa: RUF012
    variant_count: int = 0


def deed(lab: "Lab", call: Call, asked: RunInput) -> "Deed[RunOutput]":
    """Name the action for the gate, and the work.

    Raises:
        InvalidTextError: with all faults of the text.
    """
    tenant = call.principal.tenant
    if asked.cancel.startswith(BATCH) or asked.run_id.startswith(BATCH):
        return _batch_deed(lab, call, asked)
    if asked.cancel:
        request = Request(Action.CANCEL_RUN, call.principal, resource=asked.cancel)
        return Deed(
            request, lambda _: _told(lab, call, asked, lab.runs.cancel(asked.cancel, tenant))
        )
    if asked.run_id:
        request = Request(Action.RUN_READ, call.principal, resource=asked.run_id)
        return Deed(request, lambda _: _watched(lab, call, asked, asked.run_id))
    if asked.texts or asked.sweep:
        return _many(lab, call, asked)
    text, dataset, bar_seconds = _what(lab, call, asked)
    made = _compiled(lab, asked, text, bar_seconds)
    request = Request(
        action=Action.RUN,
        principal=call.principal,
        resource=made.fingerprint,
        facts={"runs_last_hour": lab.runs.started_last_hour(call.principal)},
    )
    return Deed(request, lambda _: _started(lab, call, asked, made, dataset))


def _batch_deed(lab: "Lab", call: Call, asked: RunInput) -> "Deed[RunOutput]":
    tenant, batches = call.principal.tenant, lab.runs.batches
    if asked.cancel:
        request = Request(Action.CANCEL_RUN, call.principal, resource=asked.cancel)
        return Deed(request, lambda _: _batch_told(lab, call, batches.cancel(asked.cancel, tenant)))
    request = Request(Action.RUN_READ, call.principal, resource=asked.run_id)
    return Deed(
        request,
        lambda _: _batch_told(lab, call, batch.watched(lab, call, asked.run_id, asked.wait_s)),
    )


def _many(lab: "Lab", call: Call, asked: RunInput) -> "Deed[RunOutput]":
    """Ask for a batch as for so many runs: the budget of the hour counts each of them."""
    dataset, bar_seconds = asked.dataset, seconds_of(asked.bar)
    texts: list[str] = list(asked.texts)
    if not texts:
        text, dataset, bar_seconds = _what(lab, call, asked)
        texts = [text]
    made = [_compiled(lab, asked, text, bar_seconds, is_foreign=not asked.id) for text in texts]
    named = batch.gathered(lab, made, asked.params, is_sweep=asked.sweep)
    request = Request(
        action=Action.RUN,
        principal=call.principal,
        resource=f"{len(named)} variants, the first {named[0][1].fingerprint}",
        facts={"runs_last_hour": lab.runs.started_last_hour(call.principal) + len(named) - 1},
    )
    parent = asked.parent or asked.id
    return Deed(
        request,
        lambda _: _batch_told(
            lab,
            call,
            batch.started(lab, call, named, dataset=dataset, parent=parent, wait_s=asked.wait_s),
        ),
    )


def _what(lab: "Lab", call: Call, asked: RunInput) -> tuple[str, str, int]:
    """Return the text to run, the data set and the bar of a bare expression."""
    if asked.text:
        return asked.text, asked.dataset, seconds_of(asked.bar)
    from ..runs.feeds import said_by

    known = lab.experiments.get(asked.id, call.principal.tenant)
    if not known.text:
        raise InvalidInputError(f"`{asked.id}` holds no text", help="pass `text` instead")
    return known.text, asked.dataset or said_by(known), known.bar_seconds


def _compiled(
    lab: "Lab", asked: RunInput, text: str, bar_seconds: int, *, is_foreign: bool | None = None
) -> "Compilation":
    """Compile; what is kept and run is the meaning in the language itself, whatever the dialect."""
    from ..dsl.compile import compile_text
    from ..dsl.dialects.out import in_own_words

    is_foreign = bool(asked.text) if is_foreign is None else is_foreign
    dialect = asked.dialect if is_foreign else "af"
    made = compile_text(
        text, lab.catalogue, bar_seconds=bar_seconds, dialect=dialect, params=asked.params
    )
    if made.strategy is None:
        raise InvalidTextError(made.diagnostics, made.text)
    return in_own_words(made, lab.catalogue)


def _started(
    lab: "Lab", call: Call, asked: RunInput, made: "Compilation", dataset: str
) -> RunOutput:
    view = lab.runs.start(made, dataset, call.principal, parent=asked.parent or asked.id)
    if view.is_from_memory or not asked.wait_s:
        return _told(lab, call, asked, view)
    return _watched(lab, call, asked, view.run_id)


def _watched(lab: "Lab", call: Call, asked: RunInput, run_id: str) -> RunOutput:
    """Wait a bounded time; the run itself goes on whether or not the caller stays."""
    view = lab.runs.wait(
        run_id, asked.wait_s, call.report, call.is_cancelled, tenant=call.principal.tenant
    )
    return _told(lab, call, asked, view)


def _told(lab: "Lab", call: Call, asked: RunInput, view: "RunView") -> RunOutput:
    judged, trials = deflated(lab, call.principal.tenant, view.experiment_id, view.dataset)
    return RunOutput(
        run_id=view.run_id,
        experiment_id=view.experiment_id,
        state=str(view.state),
        progress=round(view.progress, 3),
        message=view.message,
        fingerprint=view.fingerprint,
        run_fingerprint=view.run_fingerprint,
        dataset=view.dataset,
        snapshot=view.snapshot,
        metrics=finite(
            {
                name: value
                for name, value in view.metrics.items()
                if asked.all_metrics or name in CHOSEN
            }
        ),
        deflated_sharpe=judged,
        trials=trials,
        is_from_memory=view.is_from_memory,
        artifacts=list(view.artifacts),
        notes=_notes(view.notes, "on the tear sheet"),
        error=shortened(view.error, ERROR_CHARS_MAX),
        next=shortened(_next(view), ERROR_CHARS_MAX),
    )


def _batch_told(lab: "Lab", call: Call, view: "BatchView") -> RunOutput:
    runs = lab.runs.batches.runs(view.batch_id, call.principal.tenant)
    variants, one = batch.best_of(lab, call, view, runs), runs[0][1]
    said = together([run.notes for _, run in runs if run.state == "completed"])
    _, trials = deflated(lab, call.principal.tenant, one.experiment_id, one.prepared.dataset)
    counts = ", ".join(f"{count} {state}" for state, count in sorted(view.counts.items()))
    is_over = view.state in {"completed", "failed", "cancelled"}
    is_whole = view.state == "completed" and not view.refused
    error = "" if is_whole or not is_over else shortened(_why(variants, counts), ERROR_CHARS_MAX)
    return RunOutput(
        run_id=view.batch_id,
        experiment_id="",
        state=str(view.state),
        progress=round(view.progress, 3),
        message=view.message if not is_over else counts,
        fingerprint="",
        run_fingerprint="",
        dataset=one.prepared.dataset,
        snapshot=one.prepared.snapshot,
        metrics={},
        deflated_sharpe=None,
        trials=trials,
        is_from_memory=view.is_from_memory,
        artifacts=[],
        notes=_notes(said, "run a variant again by its experiment_id to see its own"),
        error=error,
        next="`compare` the best by experiment_id, `search` for the others; each was a trial"
        if is_over
        else "call `run` with this run_id to see it go on, or `cancel` it",
        variants=variants,
        variant_count=view.total,
    )


def _why(variants: list[VariantFields], counts: str) -> str:
    said = next((item.error for item in variants if item.error), "")
    return f"{counts}: {said}" if said else counts


def _notes(notes: Sequence[str], where: str) -> list[str]:
    told = [shortened(note, NOTE_CHARS_MAX) for note in notes[:NOTES_MAX]]
    beyond = len(notes) - NOTES_MAX
    return [*told, f"and {beyond} more notes: {where}"] if beyond > 0 else told


def _next(view: "RunView") -> str:
    match view.state:
        case "completed":
            return "`compare` it with earlier experiments, vary it, or `deploy` it to paper"
        case "failed":
            help_ = view.fault.help if view.fault is not None else ""
            return f"{help_ or 'mend what `error` says'}; then `run` again"
        case "cancelled":
            return "`run` it again to start anew"
        case _:
            return "call `run` with this run_id to see it go on, or `cancel` it"


def summary(output: RunOutput) -> str:
    """Say the answer in one line."""
    if output.variant_count:
        return _batch_summary(output)
    if output.state == "failed":
        return f"{output.run_id} failed: {output.error}; {output.next}"
    if output.state != "completed":
        return f"{output.run_id} is {output.state}, {output.progress:.0%} {output.message}"
    sharpe, luck = output.metrics.get("sharpe"), output.deflated_sharpe
    told = "no Sharpe" if sharpe is None else f"Sharpe {sharpe:.2f}"
    beside = "" if luck is None else f", deflated {luck:.2f} after {output.trials} trials"
    return f"{output.experiment_id} completed: {told}{beside}"


def _batch_summary(output: RunOutput) -> str:
    best = output.variants[0] if output.variants else None
    told = f"{output.run_id} is {output.state}, {output.progress:.0%} {output.message}"
    if best is None or best.sharpe is None:
        return told
    luck = "" if best.deflated_sharpe is None else f", deflated {best.deflated_sharpe:.2f}"
    return f"{told}; best {best.name}: Sharpe {best.sharpe:.2f}{luck} after {output.trials} trials"


TOOL = Tool(
    name="run",
    title="Run a back-test",
    description=(
        "Back-test a strategy text or bare expression on a data set, with costs, funding and one "
        "bar of delay. Use it on a text that `compile` accepts. The same strategy on the same data "
        "is answered from memory; each new one counts as a trial. Waits up to wait_s, and the run "
        "goes on after the call: look with `run_id`, stop with `cancel`. `sweep` runs all variants "
        "of a text's parameters as one batch, each a trial. Not for reading old results "
        '(`search`). Example: {"text": "rank(-returns(close, 24h))", "dataset": "perps_1h"}'
    ),
    input=RunInput,
    output=RunOutput,
    hints=Hints(is_read_only=False),
    deed=deed,
    summary=summary,
)
