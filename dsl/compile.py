"""Text in, meaning out: the one door through which a text becomes a strategy.

1. Characters, literals and ceilings are judged while the text is cut into tokens (``lexer``).
2. Statements are told apart and parsed, each by itself (``reader``, ``parser``).
3. Names are looked up; kinds, units and causality are judged (``binder``, ``assembly``).
4. Formulas are brought to their canonical form (``canonical``) and named (``fingerprint``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from ..core.diagnostics import Diagnostic, Severity
from ..core.errors import InvalidTextError
from . import facts, feeds
from .branches import branches
from .canonical import Canonicalizer
from .catalogue import Catalogue
from .cost import NO_COST, Cost, cost_of
from .family import family_fingerprint
from .faults import Faults
from .fingerprint import signal_fingerprint, strategy_fingerprint
from .lexer import tokenize
from .nodes import Constant, Node
from .printer import expression_text
from .strategy import Strategy
from .sweep import Param
from .vector import structure_vector

BAR_SECONDS = 3600
SourceKind = Literal["expression", "strategy"]


@dataclass(frozen=True, slots=True)
class Compilation:
    """What a text means, or why it means nothing; the strategy is absent when there are errors."""

    text: str
    source_kind: SourceKind
    diagnostics: tuple[Diagnostic, ...]
    strategy: Strategy | None = None
    signal_fingerprint: str = ""
    strategy_fingerprint: str = ""
    canonical: str = ""
    warmup_bars: int = 0
    inputs: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    is_scale_dependent: bool = False
    has_unbounded_reach: bool = False
    node_count: int = 0
    cost: Cost = NO_COST
    dialect: str = "af"
    params: tuple[Param, ...] = ()
    features: tuple[tuple[str, str], ...] = ()  # name and signal fingerprint

    @property
    def is_ok(self) -> bool:
        """Tell whether the text has a meaning; warnings and notes do not take it away."""
        return self.strategy is not None

    @property
    def fingerprint(self) -> str:
        """Return the signal's fingerprint for a bare formula, the strategy's for a file."""
        is_bare = self.source_kind == "expression"
        return self.signal_fingerprint if is_bare else self.strategy_fingerprint

    @property
    def family_fingerprint(self) -> str:
        """Return the name that formulas share when they differ in windows, numbers and scale."""
        if self.strategy is None:
            return ""
        return family_fingerprint(feeds.anonymous(self.strategy.signal, self.strategy.sources))

    @property
    def vector(self) -> tuple[float, ...]:
        """Return the signal's structure vector, or nothing; made anew each time it is asked for."""
        return () if self.strategy is None else structure_vector(branches(self.strategy.signal))

    def require(self) -> Strategy:
        """Return the strategy.

        Raises:
            InvalidTextError: when the text has errors; it carries all of them.
        """
        if self.strategy is None:
            errors = [item for item in self.diagnostics if item.severity is Severity.ERROR]
            raise InvalidTextError(errors, self.text)
        return self.strategy


def compile_text(
    text: str,
    catalogue: Catalogue,
    *,
    bar_seconds: int = BAR_SECONDS,
    dialect: str = "af",
    params: Mapping[str, str] | None = None,
) -> Compilation:
    """Compile a strategy, or a bare formula on bars of ``bar_seconds``; never raises on its text.

    A text is a strategy when its first word is ``strategy``; in other dialects it is a formula.
    ``params`` chooses values of its parameters: they are written into the text, which the answer
    holds, so that compiling it again needs no choice.

    Raises:
        InvalidInputError: when there is no such dialect.
    """
    # The doors to lark: a server that starts does not wait for it.
    from .assembly import assemble, report_constant
    from .reader import read

    faults = Faults()
    if params:
        text = _chosen(text, params, faults)
    if dialect == "af":
        parsed = read(tokenize(text, faults), text, faults)
    else:
        from .dialects import read_dialect

        parsed = read_dialect(text, dialect, catalogue, faults)
        faults.is_foreign = True
    assembled = assemble(parsed, catalogue, bar_seconds, faults)
    kind: SourceKind = "strategy" if parsed.is_strategy else "expression"
    if assembled.strategy is None:
        return Compilation(text, kind, faults.in_order())
    strategy = _canonical(assembled.strategy, catalogue)
    if not facts.field_names(facts.unique_nodes((strategy.signal,))):
        # `if_else(1, 2, close)` names a field, and is 2; its units do not matter any more.
        constant = Faults()
        report_constant(assembled.signal_span, constant)
        return Compilation(text, kind, constant.in_order())
    nodes = tuple(facts.unique_nodes(feeds.formulas_of(strategy)))

    def named(node: Node) -> str:
        return signal_fingerprint(feeds.anonymous(node, strategy.sources), strategy.bar_seconds)

    return Compilation(
        text=text,
        source_kind=kind,
        diagnostics=faults.in_order(),
        strategy=strategy,
        signal_fingerprint=named(strategy.signal),
        strategy_fingerprint=strategy_fingerprint(strategy),
        canonical=expression_text(strategy.signal),
        warmup_bars=facts.warmup_bars(strategy),
        inputs=facts.field_names(nodes),
        operators=facts.operator_names(nodes),
        groups=facts.group_names(nodes, catalogue),
        is_scale_dependent=assembled.is_scale_dependent,
        node_count=facts.node_count(strategy.signal, nodes),
        cost=cost_of(nodes, feeds.formulas_of(strategy)),
        has_unbounded_reach=facts.has_unbounded_reach(nodes),
        dialect=dialect,
        params=assembled.params,
        features=tuple((name, named(node)) for name, node in strategy.features),
    )


def _chosen(text: str, params: Mapping[str, str], faults: Faults) -> str:
    """Write choices into a text, as the defaults of its parameters."""
    from .parameters import with_choices
    from .reader import read

    unheard = Faults()
    return with_choices(text, read(tokenize(text, unheard), text, unheard), params, faults)


def _canonical(strategy: Strategy, catalogue: Catalogue) -> Strategy:
    """Settle every formula, and keep the data sets that one still reads."""
    settle, sources = Canonicalizer(catalogue.operators).settle, strategy.sources
    settled = feeds.each_formula(
        strategy, lambda node: feeds.named(settle(feeds.numbered(node, sources)), sources)
    )
    where = settled.universe.where
    if isinstance(where, Constant) and where.value != 0:
        # A condition that is yes for all is none.
        settled = replace(settled, universe=replace(settled.universe, where=None))
    return replace(settled, sources=feeds.read_of(sources, feeds.formulas_of(settled)))
