"""``compare``: experiments side by side, luck taken off."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ..core.errors import NotFoundError
from ..policies.action import Action
from ..policies.request import Request
from .fields import brief, shortened
from .luck import DEFLATED_HELP
from .tool import Call, Deed, Hints, Input, Output, Tool

if TYPE_CHECKING:
    from ..memory.compare import Comparison
    from ..memory.experiment import Experiment
    from .lab import Lab

# Told for each experiment; `run` has the rest.
SHOWN = (
    "sharpe",
    "oos_sharpe",
    "annual_return",
    "annual_volatility",
    "max_drawdown",
    "turnover_daily",
    "cost_share",
    "rank_ic_mean",
    "hit_rate",
)
IDS_MAX = 10
# What is told of differences and of the diff, in characters, however many experiments there are.
DIFFERENCES_CHARS_MAX = 2_400
CHANGES_CHARS_MAX = 1_600
VALUE_CHARS_MAX = 160
VALUE_CHARS_MIN = 12
DIFFERENCES_MAX = 20
CORRELATION_DIGITS = 3

ExperimentId = Annotated[str, Field(min_length=1, max_length=64)]


class CompareInput(Input):
    """What to compare."""

    ids: Annotated[
        list[ExperimentId],
        Field(min_length=2, max_length=IDS_MAX, description="experiment ids, the base first"),
    ]


class RowFields(Output):
    """One experiment of the table."""

    id: str
    name: str
    state: str
    dataset: str
    metrics: dict[str, float | None]
    deflated_sharpe: Annotated[float | None, Field(description=DEFLATED_HELP)]


class DifferenceFields(Output):
    """One aspect in which the experiments are not alike."""

    what: str
    values: Annotated[list[str], Field(description="in the order of the rows")]


class CompareOutput(Output):
    """Experiments side by side, in the order of the ids."""

    verdict: str
    best: Annotated[str, Field(description="experiment id; empty when nothing can be judged")]
    rows: list[RowFields]
    correlation: Annotated[
        list[list[float | None]], Field(description="of net returns over common bars")
    ]
    trials: Annotated[dict[str, int], Field(description="distinct trials by data set")]
    differences: list[DifferenceFields]
    text_changes: Annotated[list[str], Field(description="diff from the first text")]
    next: str


def deed(lab: "Lab", call: Call, asked: CompareInput) -> "Deed[CompareOutput]":
    """Name the action for the gate, and the work."""
    request = Request(Action.COMPARE, call.principal, facts={"experiments": len(asked.ids)})
    return Deed(request, lambda _decision: work(lab, call, asked))


def work(lab: "Lab", call: Call, asked: CompareInput) -> CompareOutput:
    """Lay the experiments side by side.

    Raises:
        NotFoundError: when an id is not one of this tenant's experiments.
    """
    from ..memory.compare import compare

    tenant = call.principal.tenant
    found = lab.experiments.get_many(asked.ids, tenant)
    missing = [key for key in asked.ids if key not in {item.id for item in found}]
    if missing:
        raise NotFoundError(
            f"there is no experiment `{missing[0][:64]}`",
            help="`search` lists the experiments there are",
            next="search",
        )
    counts = {
        name: lab.experiments.trials(tenant, name) for name in {item.dataset for item in found}
    }
    returns = {item.id: series for item in found if (series := lab.runs.returns(item))}
    compared = compare(found, counts=counts, returns=returns)
    return CompareOutput(
        verdict=compared.verdict,
        best=compared.best,
        rows=[_row(item, compared, number) for number, item in enumerate(compared.experiments)],
        correlation=[
            [None if cell is None else round(cell, CORRELATION_DIGITS) for cell in row]
            for row in compared.correlation
        ],
        trials={name: counts[name].trials for name in sorted(counts)},
        differences=_differences(compared),
        text_changes=_changes(compared),
        next="`deploy` the best to paper, or vary it with a reason"
        if compared.best
        else "`run` them first",
    )


def _row(experiment: "Experiment", compared: "Comparison", number: int) -> RowFields:
    judged = compared.deflated[number]
    return RowFields(
        id=experiment.id,
        name=experiment.name,
        state=experiment.state,
        dataset=experiment.dataset,
        metrics={
            name: brief(compared.metrics[name][number])
            for name in SHOWN
            if name in compared.metrics
        },
        deflated_sharpe=brief(judged.probability) if judged else None,
    )


def _differences(compared: "Comparison") -> list[DifferenceFields]:
    shown = compared.differences[:DIFFERENCES_MAX]
    values = max(1, len(shown) * len(compared.experiments))
    room = max(VALUE_CHARS_MIN, min(VALUE_CHARS_MAX, DIFFERENCES_CHARS_MAX // values))
    return [
        DifferenceFields(what=item.what, values=[shortened(value, room) for value in item.values])
        for item in shown
    ]


def _changes(compared: "Comparison") -> list[str]:
    lines: list[str] = []
    room = CHANGES_CHARS_MAX
    for line in compared.text_changes:
        told = shortened(line, VALUE_CHARS_MAX)
        room -= len(told)
        if room < 0:
            return [*lines, "... the rest of the diff is left out"]
        lines.append(told)
    return lines


def summary(output: CompareOutput) -> str:
    """Say the answer in one line."""
    return output.verdict


TOOL = Tool(
    name="compare",
    title="Compare experiments",
    description=(
        "Lay 2 to 10 experiments side by side: metrics, deflated Sharpe, correlation of net "
        "returns, what differs in text and data, and a plain verdict. Use it before keeping a "
        "variation: a higher Sharpe alone is often luck, and two names may be one bet. Not for "
        'finding them (`search`). Example: {"ids": ["exp_0a1b...", "exp_2c3d..."]}'
    ),
    input=CompareInput,
    output=CompareOutput,
    hints=Hints(is_read_only=True),
    deed=deed,
    summary=summary,
)
