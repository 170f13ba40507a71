"""What may be asked of the memory, and what an answer is."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core.errors import InvalidInputError
from ..core.principals import DEFAULT_TENANT
from .cursor import question_hash
from .deflate import Deflated
from .experiment import Experiment
from .filters import Filters
from .sorting import RECENT, RELEVANCE, Sort, sort_named

if TYPE_CHECKING:
    from ..dsl.compile import Compilation

WORDS_MAX = 500
LIMIT_MAX = 50


@dataclass(frozen=True, slots=True)
class Query:
    """A question; ``like`` is an experiment's id, ``like_text`` a text that compiled.

    An empty sort means relevance when there is something to be relevant to, else recency.
    """

    words: str = ""
    like: str = ""
    like_text: "Compilation | None" = None
    sort: Sort = ""
    filters: Filters = field(default_factory=Filters)
    tenant: str = DEFAULT_TENANT

    @property
    def has_like(self) -> bool:
        """Tell whether the question is about the likeness of formulas."""
        return bool(self.like) or self.like_text is not None

    @property
    def is_relative(self) -> bool:
        """Tell whether there is something that hits can be near to."""
        return bool(self.words) or self.has_like

    def identity(self) -> str:
        """Return what tells this question from any other."""
        like = self.like_text.strategy_fingerprint if self.like_text else self.like
        return question_hash(self.tenant, self.words, like, order_of(self), self.filters)


@dataclass(frozen=True, slots=True)
class Hit:
    """One experiment found; ``nearness`` is 1 for an equal structure or the best match of words."""

    experiment: Experiment
    reason: str
    nearness: float | None = None
    novelty: float | None = None
    nearest: str = ""
    deflated: Deflated | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of hits; an empty ``next_cursor`` says that it is the last."""

    hits: tuple[Hit, ...]
    total: int
    next_cursor: str = ""
    notes: tuple[str, ...] = ()


def order_of(query: Query) -> Sort:
    """Return the order that a question asks for or implies.

    Raises:
        InvalidInputError: for an unknown sort, or relevance to nothing.
    """
    sort = sort_named(query.sort or (RELEVANCE if query.is_relative else RECENT))
    if sort == RELEVANCE and not query.is_relative:
        raise InvalidInputError(
            "there is nothing to be relevant to", help="give words or `like`, or another sort"
        )
    return sort


def check(query: Query, limit: int) -> None:
    """Refuse a question that is too large or says two things at once.

    Raises:
        InvalidInputError: says which bound, and what to do.
    """
    if not 1 <= limit <= LIMIT_MAX:
        raise InvalidInputError(f"a limit of `{limit}` cannot be", help=f"ask for 1 to {LIMIT_MAX}")
    if len(query.words) > WORDS_MAX:
        raise InvalidInputError(
            f"the question has {len(query.words)} characters", help=f"use at most {WORDS_MAX}"
        )
    if query.like and query.like_text is not None:
        raise InvalidInputError("an id and a text are both given", help="give one to be like")
    order_of(query)
