"""Records made of what happened: the system writes them, from a compilation and its outcome."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any

from ..core.canonical import decimal_text
from ..core.diagnostics import Severity
from ..core.ids import derived_id
from ..core.principals import Principal
from ..dsl.branches import tree_text
from ..dsl.nodes import Node
from ..dsl.printer import expression_text
from ..dsl.strategy import Strategy
from .experiment import Experiment, ExperimentKind

if TYPE_CHECKING:
    from ..dsl.compile import Compilation

# What a strategy is told apart by elsewhere, and so is no setting.
NOT_SETTINGS = frozenset(
    {"name", "doc", "signal", "factors", "features", "dataset", "sources", "window", "bar_seconds"}
)
ERRORS_SHOWN_MAX = 10
# A text that is too long to compile is kept as far as one may be long.
TEXT_MAX = 65_536


def compile_record(compilation: "Compilation", principal: Principal, at: str = "") -> Experiment:
    """Return the record of a text that was checked, whether it holds or not."""
    is_ok = compilation.is_ok
    identity = compilation.fingerprint if is_ok else compilation.text
    return Experiment(
        id=derived_id("exp", principal.tenant, "compile", identity),
        kind=ExperimentKind.COMPILE,
        state="completed" if is_ok else "failed",
        created_at=at,
        error="" if is_ok else _faults(compilation),
        **described(compilation, principal),
    )


def refusal_record(
    compilation: "Compilation", principal: Principal, *, code: str, reason: str, dataset: str = ""
) -> Experiment:
    """Return the record of a run that was refused before it saw any data: it is no trial."""
    facts = described(compilation, principal)
    identity = compilation.fingerprint or compilation.text
    return Experiment(
        id=derived_id("exp", principal.tenant, "refusal", code, identity, dataset),
        kind=ExperimentKind.REFUSAL,
        state="refused",
        error=f"{code}: {reason}",
        **{**facts, "dataset": dataset or facts.get("dataset", "")},
    )


def described(compilation: "Compilation", principal: Principal) -> dict[str, Any]:
    """Return what every record of a text says: whose it is, what it is, how it is made."""
    facts: dict[str, Any] = {
        "tenant": principal.tenant,
        "author": principal.id,
        "text": compilation.text[:TEXT_MAX],
    }
    strategy = compilation.strategy
    if strategy is None:
        return facts
    return {
        **facts,
        "name": strategy.name,
        "doc": strategy.doc,
        "canonical": compilation.canonical,
        "tree": tree_text(strategy.signal),
        "signal_fingerprint": compilation.signal_fingerprint,
        "strategy_fingerprint": compilation.strategy_fingerprint,
        "dataset": strategy.dataset,
        "bar_seconds": strategy.bar_seconds,
        "operators": compilation.operators,
        "fields": compilation.inputs,
        "settings": settings_of(strategy),
    }


def settings_of(strategy: Strategy) -> Mapping[str, str]:
    """Return the strategy's choices beside its signal, flat and as text; what is unset is left out.

    Example: ``{"portfolio.rule": "long_short", "rebalance_bars": "8", ...}``.
    """
    out: dict[str, str] = {}
    _flatten("", strategy, out)
    return out


def _flatten(prefix: str, value: object, out: dict[str, str]) -> None:
    if isinstance(value, Node):
        out[prefix] = expression_text(value)
    elif is_dataclass(value):
        for field in fields(value):
            if prefix or field.name not in NOT_SETTINGS:
                name = f"{prefix}.{field.name}" if prefix else field.name
                _flatten(name, getattr(value, field.name), out)
    elif isinstance(value, tuple):
        for at, item in enumerate(value):
            _flatten(f"{prefix}.{at}", item, out)
    elif value is not None and value != "":
        out[prefix] = _text(value)


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _faults(compilation: "Compilation") -> str:
    errors = [d for d in compilation.diagnostics if d.severity is Severity.ERROR]
    return "; ".join(f"{d.code}: {d.message}" for d in errors[:ERRORS_SHOWN_MAX])
