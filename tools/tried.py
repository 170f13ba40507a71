"""What memory holds of a text's meaning already, without opening the search index."""

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from .fields import brief
from .tool import Output

if TYPE_CHECKING:
    from ..core.principals import Principal
    from ..dsl.compile import Compilation
    from ..memory.experiment import Experiment
    from .lab import Lab

SHOWN_MAX = 5
# Experiments that use the same operators and fields; among them the equal ones are picked.
LOOKED_AT_MAX = 200
NAMES_MAX = 20


class TriedFields(Output):
    """An earlier experiment of the same meaning."""

    experiment_id: str
    state: str
    dataset: str
    sharpe: float | None
    reason: Annotated[str, Field(description="same strategy, or same signal in another one")]


def tried_before(lab: "Lab", principal: "Principal", made: "Compilation") -> list[TriedFields]:
    """Return the newest experiments of this tenant with this signal, equal strategies first."""
    from ..memory.filters import Filters

    names = [*made.operators, *made.inputs][:NAMES_MAX]
    filters = Filters(
        operators=tuple(name for name in made.operators if name in names),
        fields=tuple(name for name in made.inputs if name in names),
    )
    near = lab.experiments.page(
        filters, tenant=principal.tenant, sort="recent", limit=LOOKED_AT_MAX
    )
    same = [item for item in near if item.signal_fingerprint == made.signal_fingerprint]
    same.sort(key=lambda item: item.strategy_fingerprint != made.strategy_fingerprint)
    return [_fields(item, made) for item in same[:SHOWN_MAX]]


def _fields(experiment: "Experiment", made: "Compilation") -> TriedFields:
    is_same = experiment.strategy_fingerprint == made.strategy_fingerprint
    return TriedFields(
        experiment_id=experiment.id,
        state=experiment.state,
        dataset=experiment.dataset,
        sharpe=brief(experiment.metric("sharpe")),
        reason="same strategy" if is_same else "same signal, another strategy",
    )
