"""``alphaforge audit verify|prove|tail|export|checkpoint``: look at the records, change nothing."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path

from ...core.canonical import canonical_json, plain
from ...core.chain import Entry
from ...core.errors import InvalidInputError
from ...core.home import Home
from ...core.inert import inert
from ...core.journal_check import Verdict, read, read_checkpoints, verify
from ...policies.action import Action
from ...policies.keyring import Keyring
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..keyfiles import CHECKPOINTS, load_keyring
from ..ledger_check import ledger_faults
from ..orphans import Server, gateway_orphans, late_effects, server_orphans, unknown_keys
from ..proof import prove

FAULTS_SHOWN = 20
BODY_CHARS = 160


def configure(parser: ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    check = verbs.add_parser("verify", help="check the chains, the checkpoints and the orphans")
    check.add_argument("--checkpoints", type=Path, help="sizes and heads kept elsewhere")
    proof = verbs.add_parser("prove", help="walk an order back to the humans who signed")
    proof.add_argument("order", help="the client order id")
    tail = verbs.add_parser("tail", help="the last entries")
    tail.add_argument("-n", type=int, default=20, dest="count")
    tail.add_argument("--kind", default="", help="only entries of this kind")
    export = verbs.add_parser("export", help="write all entries as JSON lines")
    export.add_argument("--out", type=Path, required=True)
    for verb in (tail, export):
        verb.add_argument("--gateway", action="store_true", help="of the gateway's journal")
    point = verbs.add_parser("checkpoint", help="add size and head to a file kept elsewhere")
    point.add_argument("--out", type=Path, required=True)


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    resource = getattr(args, "order", "") or args.verb
    return Request(Action.AUDIT_READ, session.principal, resource=resource)


def run(session: Session, args: Namespace) -> Answer:
    """Answer one verb."""
    match args.verb:
        case "verify":
            return _verify(session, args)
        case "prove":
            return _prove(session, args.order)
        case "tail":
            return _tail(_journal(session, args), args)
        case "export":
            return _export(_journal(session, args), args.out)
        case _:
            point = session.gate.journal.checkpoint(args.out.expanduser())
            return Answer(plain(point), f"{point.entries} entries, head {point.head}")


def _gateway_journal(session: Session) -> Path:
    return Home(session.settings.gateway_home).journal_db


def _journal(session: Session, args: Namespace) -> Path:
    return _gateway_journal(session) if args.gateway else session.home.journal_db


def _verify(session: Session, args: Namespace) -> Answer:
    gateway = _gateway_journal(session)
    kept = args.checkpoints or session.settings.gateway_home / "audit" / CHECKPOINTS
    points = kept if args.checkpoints or kept.is_file() else None
    keyring = load_keyring(session.settings.gateway_home)
    verdicts = {"server": verify(session.home.journal_db, points)}
    if gateway.is_file():
        verdicts["gateway"] = verify(gateway)
    orphans = _orphans(session.home.journal_db, gateway, keyring, verdicts)
    orphans += ledger_faults(session.settings.gateway_home, gateway)
    is_ok = all(verdict.is_ok for verdict in verdicts.values()) and not orphans
    fields: dict[str, object] = {
        "is_ok": is_ok,
        "journals": {name: plain(verdict) for name, verdict in verdicts.items()},
        "orphans": orphans,
        "has_checkpoints": points is not None,
    }
    lines = [_verdict_line(name, verdict) for name, verdict in verdicts.items()]
    lines += [f"  {fault}" for item in verdicts.values() for fault in item.faults[:FAULTS_SHOWN]]
    lines += [f"  {note}" for item in verdicts.values() for note in item.notes[:FAULTS_SHOWN]]
    lines += [f"  {orphan}" for orphan in orphans[:FAULTS_SHOWN]]
    lines += [_anchor_line(points, verdicts["server"])]
    lines += ["all records hold" if is_ok else "the records do NOT hold"]
    return Answer(fields, "\n".join(lines), 0 if is_ok else 1)


def _orphans(
    server: Path, gateway: Path, keyring: Keyring, verdicts: Mapping[str, Verdict]
) -> list[str]:
    # Causes are looked for in chains that hold; a broken one has its own faults.
    if not all(verdict.is_ok for verdict in verdicts.values()):
        return []
    known = Server()
    found = list(server_orphans(read(server), keyring, known))
    if "gateway" in verdicts:
        found += gateway_orphans(read(gateway), known)
        found += late_effects(read(gateway), known.ended)
    return found + list(unknown_keys(read(gateway) if "gateway" in verdicts else (), keyring))


def _verdict_line(name: str, verdict: Verdict) -> str:
    state = "holds" if verdict.is_ok else f"BREAKS at entry {verdict.first_bad_seq}"
    return f"{name} journal: {verdict.entries} entries, {state}, head {verdict.head}"


def _anchor_line(points: Path | None, verdict: Verdict) -> str:
    if points is None or not (found := read_checkpoints(points)):
        return "no checkpoints: the end of the server journal is not anchored, a cut would not show"
    last = max(point.entries for point in found)
    return f"server journal: anchored up to entry {last} of {verdict.entries} by a checkpoint"


def _prove(session: Session, order_id: str) -> Answer:
    proof = prove(
        order_id,
        server=session.home.journal_db,
        gateway=_gateway_journal(session),
        keyring=load_keyring(session.settings.gateway_home),
        bundle=session.gate.bundle,
    )
    return Answer(proof.fields(), proof.tree(), 0 if proof.is_ok else 1)


def _tail(journal: Path, args: Namespace) -> Answer:
    if args.count < 1:
        raise InvalidInputError(f"`-n {args.count}` is no number of entries")
    found = [entry for entry in read(journal) if args.kind in {"", entry.kind}][-args.count :]
    lines = [_entry_line(entry) for entry in found]
    return Answer({"entries": [plain_entry(entry) for entry in found]}, "\n".join(lines))


def _entry_line(entry: Entry) -> str:
    body = inert(json.dumps(entry.body, sort_keys=True), BODY_CHARS)
    return f"{entry.seq:>6} {entry.at} {entry.kind:<20} {inert(entry.principal, 40)} {body}"


def _export(journal: Path, out: Path) -> Answer:
    count = 0
    with out.expanduser().open("wb") as file:
        for entry in read(journal):
            # As text: the counter may pass 2**53, which JSON readers would change.
            row = plain_entry(entry)
            file.write(canonical_json(row) + b"\n")
            count += 1
    return Answer({"entries": count, "file": str(out)}, f"{count} entries in {out}")


def plain_entry(entry: Entry) -> dict[str, object]:
    """Return an entry as exact JSON values."""
    names = ("seq", "prev", "hash", "kind", "principal", "tenant", "request_id", "decision_id")
    row: dict[str, object] = {name: getattr(entry, name) for name in names}
    return row | {
        "plan_hash": entry.plan_hash,
        "at": entry.at,
        "monotonic_ns": str(entry.monotonic_ns),
        "body": entry.body,
    }


COMMAND = Command("audit", "verify, prove, tail and export the journals", configure, run, request)
