"""``search`` in scope experiments: what was tried, by words, likeness or metric."""

from typing import TYPE_CHECKING

from ..core.errors import InvalidTextError
from ..memory.filters import Filters
from ..memory.search import Hit, Page, Query
from ..memory.search import search as search_memory
from .fields import brief, shortened
from .found import TEXT_CHARS_ALONE, TEXT_CHARS_LISTED, HitFields, SearchInput, SearchOutput

if TYPE_CHECKING:
    from ..dsl.compile import Compilation
    from .lab import Lab
    from .tool import Call

SHOWN = ("sharpe", "annual_return", "max_drawdown", "turnover_daily")
ID_PREFIX = "exp_"
REASON_CHARS_MAX = 140
TITLE_CHARS_MAX = 80


def experiments(lab: "Lab", call: "Call", asked: SearchInput) -> SearchOutput:
    """Answer one page.

    Raises:
        InvalidTextError: when ``like`` is a text with faults.
    """
    tenant = call.principal.tenant
    if asked.text.startswith(ID_PREFIX) and " " not in asked.text and not asked.like:
        known = lab.experiments.get(asked.text, tenant)
        page = Page(hits=(Hit(known, "id"),), total=1)
    else:
        is_id = asked.like.startswith(ID_PREFIX)
        query = Query(
            words=asked.text,
            like=asked.like if is_id else "",
            like_text=_compiled(lab, asked.like) if asked.like and not is_id else None,
            sort=asked.sort,
            filters=Filters(dataset=asked.dataset),
            tenant=tenant,
        )
        page = search_memory(
            query,
            experiments=lab.experiments,
            folder=lab.home.memory,
            limit=asked.limit,
            cursor=asked.cursor,
        )
    is_alone = page.total == 1
    return SearchOutput(
        scope=asked.scope.value,
        hits=[_hit(hit, is_alone=is_alone) for hit in page.hits],
        total=page.total,
        next_cursor=page.next_cursor,
        next="; ".join((*page.notes, _next(page))),
    )


def _compiled(lab: "Lab", text: str) -> "Compilation":
    from ..dsl.compile import compile_text

    made = compile_text(text, lab.catalogue)
    if made.strategy is None:
        raise InvalidTextError(made.diagnostics, made.text)
    return made


def _hit(hit: Hit, *, is_alone: bool) -> HitFields:
    found = hit.experiment
    metrics = {name: brief(found.metric(name)) for name in SHOWN if name in found.metrics}
    if "sharpe" in metrics:
        metrics["deflated_sharpe"] = brief(hit.deflated.probability) if hit.deflated else None
    return HitFields(
        id=found.id,
        title=shortened(
            f"{found.name or found.kind} on {found.dataset or 'no data set'}", TITLE_CHARS_MAX
        ),
        text=shortened(found.text, TEXT_CHARS_ALONE)
        if is_alone
        else shortened(found.canonical or found.text, TEXT_CHARS_LISTED),
        reason=shortened(hit.reason, REASON_CHARS_MAX),
        state=found.state,
        author=found.author,
        metrics=metrics,
    )


def _next(page: Page) -> str:
    if not page.hits:
        return "nothing was tried like this: `compile` it"
    if len(page.hits) == 1:
        return "`run` with its id on other data, or `deploy` it"
    return "`compare` the ids of interest"
