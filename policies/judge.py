"""From one request to one decision: all rules speak, the strictest wins, silence is a no."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from ..core.registry import Registry, modules_in
from . import rules
from .decision import Decision, Effect, Forbid, NeedsApproval, Permit, Verdict
from .model import Bundle
from .request import Request

Rule = Callable[[Request, Bundle], Verdict | None]

DEFAULT_DENY = "default_deny"
POLICY_ERROR = "policy_error"


@dataclass(slots=True)
class _Voices:
    """What the rules said, by rule id."""

    permits: dict[str, Permit] = field(default_factory=dict)
    needs: dict[str, NeedsApproval] = field(default_factory=dict)
    forbids: dict[str, Forbid] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@cache
def shipped_rules() -> Mapping[str, Rule]:
    """Find the rules of the folder ``policies/rules``; a rule's id is its file's name."""
    found: Registry[Rule] = Registry("rule")
    for module in modules_in(rules):
        found.add(module.__name__.rpartition(".")[2], module.decide, module.__name__)
    return MappingProxyType(found.members())


def judge(
    request: Request,
    bundle: Bundle,
    *,
    decision_id: str = "",
    rules: Mapping[str, Rule] | None = None,
) -> Decision:
    """Decide; a pure function of request and bundle, whatever the order of the rules.

    A rule that raises makes the answer no: an error in a forbid must never let a thing happen.
    """
    voices = _Voices()
    for rule_id, decide in sorted((shipped_rules() if rules is None else rules).items()):
        try:
            _hear(voices, rule_id, decide(request, bundle))
        except Exception as error:  # noqa: BLE001  # Any error denies (SAFETY P1).
            voices.errors[rule_id] = f"{rule_id}: {type(error).__name__}: {error}"[:200]
    return _decision(voices, request, bundle, decision_id)


def _hear(voices: _Voices, rule_id: str, verdict: object) -> None:
    match verdict:
        case None:
            pass
        case Permit():
            voices.permits[rule_id] = verdict
        case NeedsApproval():
            voices.needs[rule_id] = verdict
        case Forbid():
            voices.forbids[rule_id] = verdict
        case _:
            raise TypeError(f"a rule gave a {type(verdict).__name__}")


def _decision(voices: _Voices, request: Request, bundle: Bundle, decision_id: str) -> Decision:
    effect, rule_ids, codes, sentence = _outcome(voices, request)
    overridden = () if effect is Effect.ALLOW else tuple(voices.permits)
    tiers = [verdict.tier for verdict in voices.needs.values()]
    steps = [verdict.next for verdict in voices.forbids.values() if verdict.next]
    return Decision(
        id=decision_id,
        effect=effect,
        rule_ids=rule_ids,
        overridden=overridden,
        bundle_hash=bundle.hash,
        input_hash=request.hash(),
        reason_codes=codes,
        sentence=sentence,
        tier=tiers[0] if effect is Effect.NEEDS_APPROVAL else "",
        next=steps[0] if effect is Effect.DENY and steps else "",
        errors=tuple(voices.errors.values()),
    )


def _outcome(
    voices: _Voices, request: Request
) -> tuple[Effect, tuple[str, ...], tuple[str, ...], str]:
    if voices.errors:
        return (
            Effect.DENY,
            (*voices.errors, *voices.forbids),
            (POLICY_ERROR,),
            f"a rule could not be evaluated, so `{request.action}` is denied",
        )
    if voices.forbids:
        return Effect.DENY, tuple(voices.forbids), *_said(voices.forbids.values())
    if not voices.permits:
        who = f"a {request.principal.kind}"
        return (
            Effect.DENY,
            (),
            (DEFAULT_DENY,),
            f"no rule permits {who} to `{request.action}` at stage {request.stage}",
        )
    if voices.needs:
        return Effect.NEEDS_APPROVAL, tuple(voices.needs), *_said(voices.needs.values())
    sentences = "; ".join(verdict.sentence for verdict in voices.permits.values())
    return Effect.ALLOW, tuple(voices.permits), ("permitted",), sentences


def _said(verdicts: Iterable[Forbid | NeedsApproval]) -> tuple[tuple[str, ...], str]:
    spoken = list(verdicts)
    codes = tuple(dict.fromkeys(verdict.code for verdict in spoken))
    return codes, "; ".join(verdict.sentence for verdict in spoken)
