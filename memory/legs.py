"""The legs of a search: full text, word vectors, structure; each a ranking, joined by rank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..dsl.branches import branches
from ..dsl.vector import structure_vector
from .embedder import Embedder
from .experiment import Experiment
from .experiments import Experiments
from .index import structure_of
from .marks import marks_wanted
from .match import Match
from .query import Query
from .records import settings_of

CANDIDATES_MAX = 200
# Reciprocal rank fusion's usual constant: one leg's first place does not drown the others.
RANK_OFFSET = 60
# Below these, two vectors are near by chance: some deviations above unrelated ones.
WORDS_NEAR_MIN, STRUCTURE_NEAR_MIN = 0.15, 0.2
# Above this, a formula is another one turned upside down.
MIRROR_MIN = 0.98


class Legs(Protocol):
    """Who answers the single questions: the index, or a scan of the store."""

    def near(
        self, column: str, vector: Sequence[float], *, marks: Sequence[str], seen: int, limit: int
    ) -> list[Match]:
        """Return the records with the nearest vectors."""
        ...

    def saying(self, question: str, *, marks: Sequence[str], seen: int, limit: int) -> list[Match]:
        """Return the records that have words of the question."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """The formula that hits should be like."""

    id: str
    signal_fingerprint: str
    operators: frozenset[str]
    vector: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the legs found: nearness by id, and the cosine of structures by id."""

    nearness: Mapping[str, float] = field(default_factory=dict)
    structure: Mapping[str, float] = field(default_factory=dict)
    subject: Subject | None = None
    notes: tuple[str, ...] = ()


def candidates(
    query: Query, *, seen: int, experiments: Experiments, legs: Legs, embedder: Embedder
) -> Candidates:
    """Ask the legs that the question needs and join what they say.

    Raises:
        NotFoundError: when ``like`` names no experiment of the tenant.
    """
    marks = marks_wanted(query.filters, query.tenant)
    rankings: list[list[Match]] = []
    subject = _subject(query, experiments)
    structure: dict[str, float] = {}
    notes: tuple[str, ...] = ()
    if subject is not None:
        alike = legs.near(
            "structure", subject.vector, marks=marks, seen=seen, limit=CANDIDATES_MAX + 1
        )
        structure = {
            match.id: match.score
            for match in alike
            if match.id != subject.id and match.score >= STRUCTURE_NEAR_MIN
        }
        rankings.append([match for match in alike if match.id in structure])
        notes = _mirrored(subject, legs, marks, seen)
    if query.words:
        rankings.append(legs.saying(query.words, marks=marks, seen=seen, limit=CANDIDATES_MAX))
        vector = embedder.embed([query.words])[0]
        near = legs.near("words", vector, marks=marks, seen=seen, limit=CANDIDATES_MAX)
        rankings.append([match for match in near if match.score >= WORDS_NEAR_MIN])
    # Likeness alone has a measure of its own; ranks are for joining measures that do not compare.
    nearness = _joined(rankings) if query.words else dict(structure)
    return Candidates(nearness, structure, subject, notes)


def _subject(query: Query, experiments: Experiments) -> Subject | None:
    if query.like:
        return _known(experiments.get(query.like, query.tenant))
    if query.like_text is None:
        return None
    strategy = query.like_text.require()
    return Subject(
        id="",
        signal_fingerprint=query.like_text.signal_fingerprint,
        operators=frozenset(query.like_text.operators),
        vector=structure_vector(branches(strategy.signal), settings_of(strategy)),
    )


def _known(experiment: Experiment) -> Subject:
    return Subject(
        id=experiment.id,
        signal_fingerprint=experiment.signal_fingerprint,
        operators=frozenset(experiment.operators),
        vector=structure_of(experiment),
    )


def _mirrored(subject: Subject, legs: Legs, marks: Sequence[str], seen: int) -> tuple[str, ...]:
    turned = [-cell for cell in subject.vector]
    found = legs.near("structure", turned, marks=marks, seen=seen, limit=1)
    if not found or found[0].score < MIRROR_MIN:
        return ()
    return (f"turned upside down it is `{found[0].id}`, which was tried",)


def _joined(rankings: Sequence[Sequence[Match]]) -> dict[str, float]:
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, match in enumerate(ranking):
            scores[match.id] = scores.get(match.id, 0.0) + 1.0 / (RANK_OFFSET + rank)
    best = max(scores.values(), default=1.0)
    return {key: score / best for key, score in scores.items()}
