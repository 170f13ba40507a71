"""Find what was tried: by words, by likeness of formulas, by what came of it.

1. Words ask two legs: full text (shared words) and word vectors (parts of words, misspellings; with
   the extra ``embeddings``, meaning). ``like`` asks the structure leg. Legs are joined by rank.
2. Filters apply inside each leg, and the store has the last word.
3. A page is cut from the order as it was at the first page.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path

from ..core.errors import BrokenError, ConflictError
from .cursor import Cursor, cursor_from, cursor_text
from .deflate import Deflated, chance, deflate
from .embedder import Embedder
from .experiment import Experiment
from .experiments import Experiments
from .hashing import HashingEmbedder
from .index import Index, words_of
from .legs import Candidates, Legs, candidates
from .query import Hit, Page, Query, check, order_of
from .scan import Scan
from .sorting import DEFLATED, NOVELTY, RECENT, RELEVANCE
from .trials import TrialCount
from .wording import shared

__all__ = ["Hit", "Page", "Query", "search"]

FOUND_MAX = 1_000
REASON_WORDS_MAX = 5


def search(  # noqa: PLR0913  # A question and where to ask it.
    query: Query,
    *,
    experiments: Experiments,
    folder: Path,
    embedder: Embedder | None = None,
    limit: int = 10,
    cursor: str = "",
) -> Page:
    """Answer one page of a question; ``folder`` holds the index.

    Raises:
        InvalidInputError: for a sort, limit, cursor or question that cannot be.
        NotFoundError: when ``like`` names no experiment of the tenant.
    """
    check(query, limit)
    identity = query.identity()
    at = cursor_from(cursor, identity) if cursor else Cursor(0, experiments.changed())
    index = Index(folder, experiments, embedder or HashingEmbedder())
    found = _found(query, at.seen, index) if query.is_relative else None
    judge = _Judge(experiments, query.tenant)
    rows, total = _ordered(query, found, at=at, limit=limit, judge=judge)
    return Page(
        hits=tuple(_hit(item, query, found, judge) for item in rows),
        total=total,
        next_cursor=cursor_text(Cursor(at.offset + limit, at.seen), identity)
        if at.offset + limit < total
        else "",
        notes=found.notes if found else (),
    )


@dataclass(frozen=True, slots=True)
class _Judge:
    """Deflates Sharpe ratios; counts each dataset's trials once a question."""

    experiments: Experiments
    tenant: str
    counts: dict[str, TrialCount] = field(default_factory=dict)

    def deflated(self, experiment: Experiment) -> Deflated | None:
        """Judge a run by the trials on its dataset."""
        return deflate(experiment, self.count(experiment.dataset))

    def count(self, dataset: str) -> TrialCount:
        """Return the trials on a dataset, as they were when first asked."""
        if dataset not in self.counts:
            self.counts[dataset] = self.experiments.trials(self.tenant, dataset)
        return self.counts[dataset]


def _found(query: Query, seen: int, index: Index) -> Candidates:
    def asked(legs: Legs) -> Candidates:
        return candidates(
            query,
            seen=seen,
            experiments=index.experiments,
            legs=legs,
            embedder=index.embedder,
        )

    if index.experiments.size() == 0 and not query.like:
        return Candidates()
    try:
        return index.ask(asked)
    except (BrokenError, ConflictError, ImportError) as error:
        found = asked(Scan(index.experiments, index.embedder))
        note = f"the search index could not be used ({error}); the newest records were scanned"
        return replace(found, notes=(*found.notes, note))


def _ordered(
    query: Query, found: Candidates | None, *, at: Cursor, limit: int, judge: _Judge
) -> tuple[list[Experiment], int]:
    """Return one page in its order, and how many there are in all."""
    experiments, sort = judge.experiments, order_of(query)
    filters, tenant = query.filters, query.tenant
    if sort == DEFLATED:
        ordered = _by_chance(query, found, at, judge)
        page = ordered[at.offset : at.offset + limit]
        return experiments.get_many(page, tenant), len(ordered)
    if found is None:
        page_of_store = experiments.page(
            filters, tenant=tenant, sort=sort, limit=limit, offset=at.offset, seen=at.seen
        )
        return page_of_store, experiments.count(filters, tenant, at.seen)
    rows = experiments.page(
        filters,
        tenant=tenant,
        sort=RECENT if sort == RELEVANCE else sort,
        limit=FOUND_MAX,
        seen=at.seen,
        ids=sorted(found.nearness),
    )
    if sort == RELEVANCE:
        rows.sort(key=lambda item: (-found.nearness[item.id], item.id))
    return rows[at.offset : at.offset + limit], len(rows)


def _by_chance(query: Query, found: Candidates | None, at: Cursor, judge: _Judge) -> list[str]:
    """Return the ids of runs with a Sharpe ratio, the least lucky first."""
    moments = judge.experiments.moments(
        query.filters,
        tenant=query.tenant,
        seen=at.seen,
        ids=None if found is None else sorted(found.nearness),
    )
    chances = {item.id: chance(item, judge.count(item.dataset)) for item in moments}
    known = [(-value, key) for key, value in chances.items() if value is not None]
    return [key for _, key in sorted(known)]


def _hit(experiment: Experiment, query: Query, found: Candidates | None, judge: _Judge) -> Hit:
    rated = judge.experiments.novelty(experiment.id)
    hit = Hit(
        experiment=experiment,
        reason="",
        nearness=found.nearness.get(experiment.id) if found else None,
        novelty=rated[0] if rated else None,
        nearest=rated[1] if rated else "",
        deflated=judge.deflated(experiment),
    )
    parts = [*_alike(experiment, found), *_said(experiment, query), _sorted_by(hit, query)]
    return replace(hit, reason="; ".join(part for part in parts if part))


def _alike(experiment: Experiment, found: Candidates | None) -> list[str]:
    if found is None or found.subject is None or experiment.id not in found.structure:
        return []
    subject, own = found.subject, set(experiment.operators)
    if experiment.signal_fingerprint == subject.signal_fingerprint:
        return ["same signal"]
    more = ", ".join(sorted(own - subject.operators))
    less = ", ".join(sorted(subject.operators - own))
    told = [f"has {more}" if more else "", f"lacks {less}" if less else ""]
    return [
        f"structure {found.structure[experiment.id]:.2f}",
        *(part for part in told if part),
    ]


def _said(experiment: Experiment, query: Query) -> list[str]:
    if not query.words:
        return []
    words = [f"`{word}`" for word in shared(query.words, words_of(experiment))]
    return [f"words {', '.join(words[:REASON_WORDS_MAX])}"] if words else ["words are alike"]


def _sorted_by(hit: Hit, query: Query) -> str:
    sort = order_of(query)
    if sort == RELEVANCE:
        return ""
    if sort == RECENT:
        return f"tried {hit.experiment.created_at[:16]}"
    if sort == NOVELTY:
        near = f", nearest `{hit.nearest}`" if hit.nearest else ""
        return "novelty unrated" if hit.novelty is None else f"novelty {hit.novelty:.2f}{near}"
    if sort == DEFLATED:
        return hit.deflated.verdict if hit.deflated else "no Sharpe ratio"
    value = hit.experiment.metric(sort)
    return f"no {sort}" if value is None else f"{sort} {value:.4g}"
