"""``alphaforge policy show|check|explain|simulate``: the rules in force, and what they say."""

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from ...core.errors import InvalidInputError, NotFoundError
from ...core.inert import inert
from ...core.journal_check import read
from ...policies.action import Action
from ...policies.bundle import Bundle, bundle_from_text
from ...policies.decision import Decision
from ...policies.gate import DECISION
from ...policies.judge import judge, shipped_rules
from ...policies.replay import changed, request_from_fields
from ...policies.request import Request
from ..command import Answer, Command, Session

CHANGES_MAX = 1000


def configure(parser: ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    verbs.add_parser("show", help="the bundle in force and the rules that read it")
    check = verbs.add_parser("check", help="check the shape and the fixtures of a bundle")
    check.add_argument("file", type=Path, nargs="?", help="TOML or JSON; none: the one in force")
    explain = verbs.add_parser("explain", help="what the rules say to a request, and which")
    explain.add_argument("what", help="a decision id, or a JSON file with a request")
    simulate = verbs.add_parser("simulate", help="judge all journalled requests by another bundle")
    simulate.add_argument("file", type=Path, help="the candidate bundle")


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.POLICY_READ, session.principal, resource=args.verb)


def run(session: Session, args: Namespace) -> Answer:
    """Answer one verb."""
    match args.verb:
        case "show":
            return _show(session.gate.bundle)
        case "check":
            return _check(session, args.file)
        case "explain":
            return _explain(session, args.what)
        case _:
            return _simulate(session, args.file)


def _show(bundle: Bundle) -> Answer:
    rules = {
        name: (decide.__doc__ or "").strip().splitlines()[0]
        for name, decide in shipped_rules().items()
    }
    fields = {"bundle_hash": bundle.hash, "bundle": bundle.fields(), "rules": rules}
    lines = [f"bundle {bundle.name} {bundle.hash}", "", "rules"]
    lines += [f"  {name}: {words}" for name, words in rules.items()]
    lines += ["", json.dumps(bundle.fields(), indent=2)]
    return Answer(fields, "\n".join(lines))


def _check(session: Session, file: Path | None) -> Answer:
    bundle = session.gate.bundle if file is None else _bundle(file)
    count = len(bundle.fixtures)
    return Answer(
        {"is_ok": True, "bundle_hash": bundle.hash, "fixtures": count},
        f"bundle {bundle.name} {bundle.hash}: {count} fixtures hold",
    )


def _explain(session: Session, what: str) -> Answer:
    asked = _journalled(session, what) if what.startswith("dec_") else _written(Path(what))
    decision = judge(request_from_fields(asked), session.gate.bundle, decision_id="explained")
    lines = [f"{decision.effect}: {inert(decision.sentence)}"]
    lines += [f"  decided by {rule}: {_doc(rule)}" for rule in decision.rule_ids]
    lines += [f"  overridden {rule}: {_doc(rule)}" for rule in decision.overridden]
    lines += [f"  error {inert(error)}" for error in decision.errors]
    lines += [f"  next: {decision.next}"] if decision.next else []
    return Answer({"request": asked, "decision": _fields(decision)}, "\n".join(lines))


def _simulate(session: Session, file: Path) -> Answer:
    candidate = _bundle(file)
    rows: list[dict[str, object]] = []
    for change in changed(read(session.home.journal_db), candidate):
        if len(rows) == CHANGES_MAX:
            break
        rows.append(
            {
                "seq": change.seq,
                "decision_id": change.decision_id,
                "action": change.action,
                "before": change.before.value,
                "after": change.after.effect.value,
                "rule_ids": list(change.after.rule_ids),
                "sentence": change.after.sentence,
            }
        )
    lines = [
        f"{row['decision_id']}  {row['action']}: {row['before']} -> {row['after']}"
        f"  ({inert(str(row['sentence']), 120)})"
        for row in rows
    ]
    fields = {"bundle_hash": candidate.hash, "changes": rows}
    return Answer(fields, "\n".join(lines) or "no journalled decision would change")


def _bundle(file: Path) -> Bundle:
    return bundle_from_text(_text(file), file.name)


def _text(file: Path) -> str:
    try:
        return file.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"`{file}` cannot be read: {error}") from error


def _written(file: Path) -> dict[str, Any]:
    try:
        table = json.loads(_text(file))
    except ValueError as error:
        raise InvalidInputError(f"`{file}` is not JSON: {error}") from error
    if not isinstance(table, dict):
        raise InvalidInputError(f"`{file}` holds no request", help="a request is a JSON object")
    return table


def _journalled(session: Session, decision_id: str) -> dict[str, Any]:
    for entry in read(session.home.journal_db):
        asked = entry.body.get("request")
        if entry.kind == DECISION and entry.decision_id == decision_id and isinstance(asked, dict):
            return asked
    raise NotFoundError(
        f"no decision `{decision_id[:80]}`", help="see `alphaforge audit tail --kind decision`"
    )


def _doc(rule: str) -> str:
    decide = shipped_rules().get(rule)
    return (decide.__doc__ or "").strip().splitlines()[0] if decide else ""


def _fields(decision: Decision) -> dict[str, object]:
    return dict(decision.fields())


COMMAND = Command("policy", "show, check, explain and simulate the rules", configure, run, request)
