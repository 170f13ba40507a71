"""What an approver reads: the server's numbers first, the asker's words last and inert."""

import hashlib
from collections.abc import Mapping, Sequence

from ..core.canonical import decimal_text, plain
from ..core.clock import to_text
from ..core.errors import TamperedError
from ..core.inert import inert
from ..policies.approvals import Tally
from ..policies.plan import Change, Plan, hash_of, plan_diff, plan_from_json, worst_case
from ..runs.approvals import ApprovalRequest

VALUE_CHARS = 200
TEXT_CHARS = 160
# Shown among the numbers above; the rest of the plan follows whole.
WHERE = ("stage", "venue", "account", "instruments", "start_at", "end_at", "mode", "wind_down")
WHO = ("requester", "sponsor", "authors", "tenant")
WHAT = (
    "fingerprint",
    "family",
    "source_hash",
    "ir_hash",
    "compiler_version",
    "operators_version",
    "packs",
    "snapshots",
    "evidence",
    "parameters",
    "bundle_hash",
)


def shown_plan(request: ApprovalRequest) -> Plan:
    """Read the plan from the stored bytes, which are what was hashed.

    Raises:
        TamperedError: when the bytes have another hash than the row says.
    """
    if hash_of(request.plan_bytes) != request.plan_hash:
        raise TamperedError(
            f"the stored plan of `{request.request_id}` is not the one that was asked for",
            help="run `alphaforge audit verify`, and ask for the deployment anew",
        )
    return plan_from_json(request.plan_bytes)


def fields(
    request: ApprovalRequest, tally: Tally, before: ApprovalRequest | None
) -> dict[str, object]:
    """Return the page as JSON values."""
    plan = shown_plan(request)
    return {
        **brief(request),
        "plan": plain(plan),
        "worst_case": plain(worst_case(plan)),
        "changes": plain(_changes(plan, before)),
        "signed_by": [
            {
                "human": vote.human,
                "decision": vote.signed.message.decision.value,
                "reason": inert(vote.reason),
                "key_id": vote.signed.key_id,
            }
            for vote in request.votes
        ],
        "is_quorum_met": tally.is_met,
        "missing": tally.missing,
        "has_demo_keys": tally.has_demo_keys,
        "text": request.text,
        "is_text_of_plan": _is_text_of(request, plan),
        "note": {"author": request.requester, "text": inert(request.note)},
    }


def brief(request: ApprovalRequest) -> dict[str, object]:
    """Return what a list shows of a request."""
    return {
        "request_id": request.request_id,
        "plan_id": f"plan_{request.plan_hash[:20]}",
        "plan_hash": request.plan_hash,
        "state": request.state.value,
        "stage": inert(request.stage, VALUE_CHARS),
        "venue": inert(request.venue, VALUE_CHARS),
        "account": inert(request.account, VALUE_CHARS),
        "capital": decimal_text(request.plan.capital),
        "requester": inert(request.requester, VALUE_CHARS),
        "reason": inert(request.reason, VALUE_CHARS),
        "created_at": to_text(request.created_at),
        "decide_by": to_text(request.decide_by),
        "run_until": to_text(request.run_until),
    }


def page(request: ApprovalRequest, tally: Tally, before: ApprovalRequest | None) -> str:
    """Draw the page as text."""
    plan = shown_plan(request)
    worst = worst_case(plan)
    numbers = {
        "worst loss": f"{decimal_text(worst.loss_max)}   (capital {decimal_text(plan.capital)})",
        "loss at the stop": decimal_text(worst.loss_at_stop),
        "loss of one day": decimal_text(worst.loss_day_max),
        "largest book": f"{decimal_text(worst.notional_max)}   (gross)",
        "largest order": decimal_text(worst.order_notional_max),
    }
    values = plain(plan)
    lines = [
        _headline(request),
        f"plan hash {inert(request.plan_hash)}",
        "",
        "What could be lost and held at most, computed from the limits",
        *_table(numbers),
        "",
        *_change_lines(_changes(plan, before), before),
        "Where, and until when",
        *_table({name: values[name] for name in WHERE}),
        f"  runs until  {to_text(request.run_until)}",
        "",
        "Limits",
        *_table({k: v for k, v in values["limits"].items() if v is not None}),
        "",
        "What is computed, on which evidence",
        *_table({name: values[name] for name in WHAT} | {"parameters": _pairs(plan)}),
        *_text_lines(request, plan),
        "",
        "Who asks",
        *_table({name: values[name] for name in WHO}),
        "",
        "Signatures",
        *_vote_lines(request, tally),
    ]
    if request.note:
        lines += ["", f"Words of {inert(request.requester, VALUE_CHARS)}, unchecked:"]
        lines += [f"  | {inert(request.note)}"]
    return "\n".join(lines)


def _headline(request: ApprovalRequest) -> str:
    by = to_text(request.decide_by)
    return f"{inert(request.request_id)}   {request.state.value}   decide by {by}"


def _is_text_of(request: ApprovalRequest, plan: Plan) -> bool:
    return hashlib.sha256(request.text.encode()).hexdigest() == plan.source_hash


def _text_lines(request: ApprovalRequest, plan: Plan) -> list[str]:
    """Show the strategy's source, when it is the one that the plan's hash covers."""
    if not _is_text_of(request, plan):
        return ["  the stored text is not the one of this plan; the gateway will refuse it"]
    shown = [row for line in request.text.split("\n") for row in _wrapped(line)]
    return ["", "The text that is compiled, comments have no effect", *shown]


def _wrapped(line: str) -> list[str]:
    """Show a line to its end: ``:`` marks where it goes on, so that nothing lies off the page."""
    shown = inert(line, len(line))
    rest = range(TEXT_CHARS, len(shown), TEXT_CHARS)
    return [f"  | {shown[:TEXT_CHARS]}", *(f"  : {shown[at : at + TEXT_CHARS]}" for at in rest)]


def _pairs(plan: Plan) -> list[str]:
    return [f"{name}={value}" for name, value in plan.parameters]


def _changes(plan: Plan, before: ApprovalRequest | None) -> Sequence[Change]:
    return () if before is None else plan_diff(shown_plan(before), plan)


def _change_lines(changes: Sequence[Change], before: ApprovalRequest | None) -> list[str]:
    if before is None:
        return ["Nothing of this family was approved for this account before.", ""]
    lines = [f"Changed since {inert(before.request_id)}, what raises the risk first"]
    for change in changes:
        mark = "RISK" if change.is_risk_increasing else "    "
        was, now = inert(change.before, VALUE_CHARS), inert(change.after, VALUE_CHARS)
        lines.append(f"  {mark} {inert(change.name)}: {was or '-'} -> {now or '-'}")
    return [*lines, ""]


def _vote_lines(request: ApprovalRequest, tally: Tally) -> list[str]:
    lines = [
        f"  {inert(vote.human)} {vote.signed.message.decision.value}s: {inert(vote.reason)}"
        for vote in request.votes
    ]
    lines += [f"  does not count: {inert(fault)}" for fault in tally.faults]
    lines += [f"  {inert(tally.missing)}" if tally.missing else "  the quorum is met"]
    return lines


def _table(rows: Mapping[str, object]) -> list[str]:
    width = max(len(name) for name in rows)
    return [f"  {name.ljust(width)}  {_value(value)}" for name, value in rows.items()]


def _value(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_value(item) for item in value) or "-"
    if isinstance(value, Mapping):
        return " ".join(_value(item) for item in value.values())
    return inert(str(value), VALUE_CHARS) or "-"
