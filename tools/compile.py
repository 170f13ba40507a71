"""``compile``: what a text means, whether it is causal, and whether it was tried before."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from ..core.clock import to_text
from ..core.durations import duration_text, seconds_of
from ..core.errors import InvalidTextError
from ..policies.action import Action
from ..policies.request import Request
from .fields import (
    CANONICAL_CHARS_MAX,
    DiagnosticFields,
    Dialect,
    Params,
    Text,
    diagnostic_fields,
    shortened,
)
from .tool import Call, Deed, Hints, Input, Output, Tool
from .tried import TriedFields, tried_before

if TYPE_CHECKING:
    from ..dsl.compile import Compilation
    from .lab import Lab

# The size for which a cost is told when no data set is named.
COST_ROWS, COST_COLUMNS = 10_000, 100


class CompileInput(Input):
    """What to compile."""

    text: Text
    bar: Annotated[
        str, Field(max_length=12, description="grid of a bare expression, such as 1h or 1d")
    ] = "1h"
    dialect: Dialect = "af"
    params: Params = Field(default_factory=dict)
    to: Annotated[
        Literal["", "af", "qlib"], Field(description="also print the formula in this notation")
    ] = ""


class CheckFields(Output):
    """One thing that was checked."""

    name: str
    is_ok: bool
    detail: str


class CompileOutput(Output):
    """What the text means."""

    kind: Annotated[str, Field(description="expression or strategy")]
    fingerprint: Annotated[
        str, Field(description="equal for equal meaning; of an expression its signal's")
    ]
    signal_fingerprint: str
    strategy_fingerprint: str
    canonical: Annotated[str, Field(description="canonical form of the signal")]
    printed: Annotated[str, Field(description="the formula as `to` asked")] = ""
    warmup_bars: Annotated[int, Field(description="leading bars without an answer")]
    inputs: Annotated[list[str], Field(description="fields read")]
    operators: list[str]
    checks: list[CheckFields]
    diagnostics: Annotated[list[DiagnosticFields], Field(description="warnings and notes")]
    tried_before: Annotated[
        list[TriedFields], Field(description="own experiments with this signal or strategy")
    ]
    next: str


def deed(lab: "Lab", call: Call, asked: CompileInput) -> "Deed[CompileOutput]":
    """Name the action for the gate, and the work."""
    request = Request(
        action=Action.COMPILE,
        principal=call.principal,
        facts={"text_bytes": len(asked.text.encode())},
    )
    return Deed(request, lambda _decision: work(lab, call, asked))


def work(lab: "Lab", call: Call, asked: CompileInput) -> CompileOutput:
    """Compile the text, keep that it was compiled, and look for runs of the same meaning.

    Raises:
        InvalidTextError: with all faults of the text.
    """
    from ..dsl.compile import compile_text
    from ..dsl.dialects.out import in_own_words, print_as
    from ..memory.records import compile_record

    made = compile_text(
        asked.text,
        lab.catalogue,
        bar_seconds=seconds_of(asked.bar),
        dialect=asked.dialect,
        params=asked.params,
    )
    kept = in_own_words(made, lab.catalogue)
    lab.experiments.record(compile_record(kept, call.principal, to_text(lab.clock.now())))
    if made.strategy is None:
        raise InvalidTextError(made.diagnostics, made.text)
    printed = print_as(made, asked.to, lab.catalogue)
    if asked.to and not printed.text:
        raise InvalidTextError(printed.diagnostics, made.text)
    tried = tried_before(lab, call.principal, made)
    return CompileOutput(
        kind=made.source_kind,
        fingerprint=made.fingerprint,
        signal_fingerprint=made.signal_fingerprint,
        strategy_fingerprint=made.strategy_fingerprint,
        canonical=shortened(made.canonical, CANONICAL_CHARS_MAX),
        printed=printed.text,
        warmup_bars=made.warmup_bars,
        inputs=list(made.inputs),
        operators=list(made.operators),
        checks=_checks(lab, made, made.strategy.bar_seconds),
        diagnostics=[
            diagnostic_fields(item, made.text) for item in (*made.diagnostics, *printed.diagnostics)
        ],
        tried_before=tried,
        next="`compare` with what was tried before, or vary the text"
        if tried
        else "`run` it on a data set; `search` scope datasets lists them",
    )


def _cost(lab: "Lab", made: "Compilation") -> str:
    """Say what a run would cost: on the data set that the text names, or on a common size."""
    from ..core.errors import NotFoundError
    from ..dsl.cost import UNITS_PER_SECOND
    from ..runs.estimate import estimate

    strategy = made.require()
    try:
        card = lab.lake.card(strategy.dataset) if strategy.dataset else None
    except NotFoundError:
        card = None
    if card is None:
        seconds = made.cost.total(COST_ROWS, COST_COLUMNS) / UNITS_PER_SECOND
        return f"about {seconds:.2g} s for {COST_ROWS} bars x {COST_COLUMNS} instruments"
    found = estimate(
        strategy,
        card,
        nodes=made.node_count,
        inputs=len(made.inputs),
        warmup_bars=made.warmup_bars,
        cost=made.cost,
    )
    return found.sentence()


def _checks(lab: "Lab", made: "Compilation", bar_seconds: int) -> list[CheckFields]:
    warm = duration_text(made.warmup_bars * bar_seconds) if made.warmup_bars else "none"
    reach = "a value depends on all bars since the data set's first"
    if not made.has_unbounded_reach:
        reach = f"a value depends on its own bar and the {made.warmup_bars} before it at most"
    return [
        CheckFields(
            name="causality", is_ok=True, detail="no value depends on a later bar (a type rule)"
        ),
        CheckFields(name="warmup", is_ok=True, detail=f"{made.warmup_bars} bars ({warm})"),
        CheckFields(name="reach", is_ok=True, detail=reach),
        CheckFields(name="inputs", is_ok=True, detail=", ".join(made.inputs) or "none"),
        CheckFields(name="size", is_ok=True, detail=f"{made.node_count} nodes"),
        CheckFields(name="cost", is_ok=True, detail=_cost(lab, made)),
        CheckFields(
            name="scale",
            is_ok=not made.is_scale_dependent,
            detail="depends on the price level: rank or divide it before comparing instruments"
            if made.is_scale_dependent
            else "comparable across instruments",
        ),
        *_names(made),
    ]


def _names(made: "Compilation") -> list[CheckFields]:
    """List the parameters with what they may be, and the features with their fingerprints."""
    from ..dsl.sweep import variant_count

    found = [
        CheckFields(
            name=f"param {param.name}",
            is_ok=True,
            detail=f"{param.chosen} of {', '.join(param.values)}",
        )
        for param in made.params
    ]
    if found:
        count = str(variant_count(made.params))
        found.append(CheckFields(name="variants", is_ok=True, detail=count))
    return found + [
        CheckFields(name=f"feature {name}", is_ok=True, detail=fingerprint)
        for name, fingerprint in made.features
    ]


def summary(output: CompileOutput) -> str:
    """Say the answer in one line."""
    seen = f"; tried before {len(output.tried_before)}x" if output.tried_before else ""
    return f"{output.kind} ok, {output.fingerprint}, warm-up {output.warmup_bars} bars{seen}"


TOOL = Tool(
    name="compile",
    title="Compile a strategy",
    description=(
        "Check a strategy text or bare expression without running it: fingerprint, canonical form, "
        "causality, warm-up, inputs, every fault at once with its fix, and whether memory already "
        "holds the same signal. Use it before `run` and after each edit. Not for performance "
        "numbers (`run`) or for operator names (`search` scope operators). Example: "
        '{"text": "rank(ts_mean(close, 24h) / close)"}'
    ),
    input=CompileInput,
    output=CompileOutput,
    hints=Hints(is_read_only=False),
    deed=deed,
    summary=summary,
)
