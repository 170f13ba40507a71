"""What a statement of a strategy is, and the mark by which a file in ``statements/`` adds one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from ..core.registry import Registry, modules_in
from .syntax import Settings

if TYPE_CHECKING:
    from .desk import Desk

# What a statement changes in the strategy, by the names of its fields.
Changes = Mapping[str, object]
Read = Callable[[Settings, "Desk"], Changes]


@dataclass(frozen=True, slots=True)
class Spec:
    """How a statement is read.

    ``later`` are words that a later version will understand, ``elsewhere`` are words of other
    systems; each with what to write here.
    """

    keyword: str
    start: str  # The grammar's start symbol for what stands behind the keyword.
    form: str  # How it is written, for help lines; it compiles as it stands.
    words: frozenset[str] = frozenset()
    later: Mapping[str, str] = field(default_factory=dict)
    may_repeat: bool = False
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    read: Read | None = None  # Nothing for those that define names: the binder reads them.


LET = Spec("let", "definition", "let ret = returns(close)", may_repeat=True)
FACTOR = Spec("factor", "definition", "factor calm = -ts_std(returns, 7d)", may_repeat=True)
FEATURE = Spec("feature", "definition", "feature vol_7d = ts_std(returns, 7d)", may_repeat=True)
PARAM = Spec("param", "parameter", "param lookback in [12h, 24h, 48h]", may_repeat=True)
SIGNAL = Spec("signal", "expression", "signal rank(returns)")

_REGISTRY: Registry[Spec] = Registry("statement")


def statement(  # noqa: PLR0913  # All that says how a statement is read.
    keyword: str,
    *,
    start: str,
    form: str,
    words: tuple[str, ...] = (),
    later: Mapping[str, str] | None = None,
    elsewhere: Mapping[str, str] | None = None,
    may_repeat: bool = False,
) -> Callable[[Read], Read]:
    """Make a function the reader of a statement."""

    def make(read: Read) -> Read:
        spec = Spec(
            keyword=keyword,
            start=start,
            form=form,
            words=frozenset(words),
            later=later or {},
            elsewhere=elsewhere or {},
            may_repeat=may_repeat,
            read=read,
        )
        _REGISTRY.add(keyword, spec, read.__module__)
        return read

    return make


@lru_cache(maxsize=1)
def specs() -> Mapping[str, Spec]:
    """Return all statements by their keyword."""
    from . import statements

    for _module in modules_in(statements):
        pass
    defining = {spec.keyword: spec for spec in (LET, FACTOR, FEATURE, PARAM, SIGNAL)}
    return {**defining, **_REGISTRY.members()}
