"""What ``run`` does with many variants: one batch, each variant a run and a trial of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ..core.errors import AlphaForgeError, InvalidInputError, InvalidTextError, UsageError
from ..core.progress import part
from .fields import brief, shortened
from .luck import DEFLATED_HELP, deflated
from .tool import Call, Output

if TYPE_CHECKING:
    from ..dsl.compile import Compilation
    from ..runs.batches import BatchView
    from ..runs.record import Run
    from .lab import Lab

    Named = tuple[str, Compilation]

SHOWN_MAX = 10
NAME_CHARS_MAX = 120
ERROR_CHARS_MAX = 200
CHECKED_SHARE = 0.1


class VariantFields(Output):
    """One variant of a batch, in short."""

    name: str
    experiment_id: str
    state: str
    sharpe: float | None = None
    deflated_sharpe: Annotated[float | None, Field(description=DEFLATED_HELP)] = None
    error: str = ""


def variant_name(params: Mapping[str, str]) -> str:
    """Name a variant by its choices."""
    return " ".join(f"{name}={value}" for name, value in params.items())


def variants_of(
    lab: "Lab", made: "Compilation", params: Mapping[str, str]
) -> "tuple[list[Named], AlphaForgeError | None]":
    """Compile every choice of the parameters that are not chosen; return what did not compile too.

    Raises:
        InvalidInputError: when they are too many.
    """
    from ..dsl.compile import compile_text
    from ..dsl.sweep import variant_count, variants
    from ..runs.batches import VARIANTS_MAX

    free = [param for param in made.params if param.name not in params]
    count = variant_count(free)
    if count > VARIANTS_MAX:
        raise InvalidInputError(
            f"{count} variants are over the {VARIANTS_MAX} that one sweep may run",
            help="choose some values with `--param NAME=VALUE`, or list fewer",
        )
    found, fault = [], None
    for choice in variants(free):
        chosen = {**params, **choice}
        bar = made.require().bar_seconds
        variant = compile_text(made.text, lab.catalogue, bar_seconds=bar, params=chosen)
        if variant.strategy is None:
            fault = fault or InvalidTextError(variant.diagnostics, variant.text)
            continue
        found.append((variant_name(chosen), variant))
    return found, fault


def gathered(
    lab: "Lab", texts: "Sequence[Compilation]", params: Mapping[str, str], *, is_sweep: bool
) -> "list[Named]":
    """Return the variants of some texts by name.

    Raises:
        UsageError: when a sweep has nothing to vary.
        InvalidTextError: when no variant means anything.
    """
    if is_sweep and all(param.name in params for made in texts for param in made.params):
        raise UsageError(
            "the text has no parameter to vary", help="add `param lookback in [12h, 24h, 48h]`"
        )
    found: list[Named] = []
    fault: AlphaForgeError | None = None
    for place, made in enumerate(texts, 1):
        own = f"{made.require().name or f'text {place}'}" if len(texts) > 1 else ""
        if not is_sweep:
            found.append((own or "text 1", made))
            continue
        more, wrong = variants_of(lab, made, params)
        fault = fault or wrong
        found += [(f"{own} {name}".strip() or f"text {place}", variant) for name, variant in more]
    if not found:
        assert fault is not None
        raise fault
    return found


def started(  # noqa: PLR0913  # What a batch is asked with.
    lab: "Lab", call: Call, named: "Sequence[Named]", *, dataset: str, parent: str, wait_s: int
) -> "BatchView":
    """Start a batch and wait a bounded time; it goes on whether or not the caller stays."""
    view = lab.runs.batches.start(
        named,
        dataset,
        call.principal,
        parent=parent,
        report=part(call.report, 0.0, CHECKED_SHARE),
    )
    if view.is_from_memory or not wait_s:
        return view
    return replace(watched(lab, call, view.batch_id, wait_s), refused=view.refused)


def watched(lab: "Lab", call: Call, batch: str, wait_s: int) -> "BatchView":
    """Wait a bounded time for the end of a batch."""
    return lab.runs.batches.wait(
        batch,
        wait_s,
        part(call.report, CHECKED_SHARE, 1.0),
        call.is_cancelled,
        tenant=call.principal.tenant,
    )


def best_of(
    lab: "Lab", call: Call, view: "BatchView", runs: "Sequence[tuple[str, Run]]"
) -> list[VariantFields]:
    """Return the variants of the highest Sharpe ratios, then what was refused."""
    tenant = call.principal.tenant
    told = [(name, run, run.experiment().metric("sharpe")) for name, run in runs]
    told.sort(key=lambda item: (item[2] is None, -(item[2] or 0.0)))
    shown = []
    for name, run, sharpe in told[:SHOWN_MAX]:
        judged, _ = deflated(lab, tenant, run.experiment_id, run.prepared.dataset)
        shown.append(
            VariantFields(
                name=shortened(name, NAME_CHARS_MAX),
                experiment_id=run.experiment_id,
                state=run.state.value,
                sharpe=brief(sharpe),
                deflated_sharpe=judged,
                error=shortened(run.fault.sentence() if run.fault else "", ERROR_CHARS_MAX),
            )
        )
    for name, why in view.refused[: SHOWN_MAX - len(shown)]:
        said = shortened(why, ERROR_CHARS_MAX)
        shown.append(
            VariantFields(
                name=shortened(name, NAME_CHARS_MAX), experiment_id="", state="refused", error=said
            )
        )
    return shown
