"""Effects without a cause: an order without approval, an approval without a request."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ..core.canonical import plain
from ..core.chain import GENESIS, Entry
from ..core.clock import from_text
from ..core.errors import InvalidInputError
from ..policies.approvals import Signed, signed_from_fields
from ..policies.keyring import Keyring
from ..policies.signing import verifies
from .endings import SIGNED, ended_by

REQUESTED = "approval.requested"
CREATED = "deployment.created"
CONSUMED = "approval.consumed"
INTENT = "order.intent"
SENT = "order.sent"
REJECTED = "order.rejected"
UNKNOWN = "order.unknown"
FLATTEN = "flatten"
ENROLLED = "key.enrolled"
REVOKED = "key.revoked"


@dataclass(slots=True)
class Server:
    """What the server's journal has said so far."""

    asked: set[tuple[str, str]] = field(default_factory=set)  # request id, plan hash
    hashes: set[str] = field(default_factory=lambda: {GENESIS})
    ended: dict[str, datetime] = field(default_factory=dict)  # request or deployment id


def server_orphans(entries: Iterable[Entry], keyring: Keyring, server: Server) -> Iterator[str]:
    """Give the faults of the server's journal, and gather what the gateway's is held against."""
    for entry in entries:
        if entry.kind in {REQUESTED, CREATED}:
            server.asked.add((entry.request_id, entry.plan_hash))
        elif entry.kind == SIGNED:
            yield from _signature_faults(entry, keyring, server)
        if name := ended_by(entry):
            server.ended.setdefault(name, from_text(entry.at))
        server.hashes.add(entry.hash)


def gateway_orphans(entries: Iterable[Entry], server: Server | None) -> Iterator[str]:
    """Give the faults of the gateway's journal; without the server's, only those of its own."""
    consumed: set[tuple[str, str]] = set()
    intents: set[str] = set()
    for entry in entries:
        place = f"gateway entry {entry.seq}"
        key = (entry.request_id, entry.plan_hash)
        order = str(entry.body.get("client_order_id", ""))
        if entry.kind == CONSUMED:
            consumed.add(key)
            if server is not None and key not in server.asked:
                yield f"{place}: an approval was used that nobody asked the server for"
        elif entry.kind == INTENT:
            intents.add(order)
            if key not in consumed:
                yield f"{place}: order `{order}` has no approval before it"
        elif entry.kind == SENT and order not in intents:
            yield f"{place}: order `{order}` was sent without an intent before it"


def late_effects(entries: Iterable[Entry], ended: Mapping[str, datetime]) -> Iterator[str]:
    """Give what the gateway did under an approval that the server's journal had ended before.

    An order is journalled before its last look, so one that the gateway then refused never left; a
    flattening is the kill switch's and needs no approval.
    """
    late: dict[str, str] = {}
    for entry in entries:
        order = str(entry.body.get("client_order_id", ""))
        if entry.kind in {CONSUMED, SENT}:
            name = entry.request_id or str(entry.body.get("deployment_id", ""))
            end = ended.get(name)
            if end is None or from_text(entry.at) <= end or entry.body.get("purpose") == FLATTEN:
                continue
            what = f"order `{order}` was sent" if entry.kind == SENT else "an approval was used"
            words = f"gateway entry {entry.seq}: {what} after `{name}` had ended"
            late[order or f"entry {entry.seq}"] = words
        elif _never_left(entry):
            late.pop(order, None)
    yield from late.values()


def _never_left(entry: Entry) -> bool:
    by, reason = entry.body.get("by"), entry.body.get("reason")
    is_refused = entry.kind == REJECTED and by == "gateway"
    return is_refused or (entry.kind == UNKNOWN and reason == "not_placed")


def unknown_keys(entries: Iterable[Entry], keyring: Keyring) -> Iterator[str]:
    """Give the keys that count although the gateway's journal never let them in like this."""
    known: dict[str, object] = {}
    for entry in entries:
        key = entry.body.get("key")
        if entry.kind in {ENROLLED, REVOKED} and isinstance(key, dict):
            known[str(key.get("key_id"))] = key
    for key in keyring.keys:
        if known.get(key.key_id) != plain(key):
            yield f"keyring: the key `{key.key_id}` of {key.human} is not as it was enrolled"


def signed_of(entry: Entry) -> Signed | None:
    """Read the signed message of an entry, or nothing when it holds none."""
    table = entry.body.get("signed")
    if not isinstance(table, dict):
        return None
    try:
        return signed_from_fields(table)
    except InvalidInputError:
        return None


def _signature_faults(entry: Entry, keyring: Keyring, server: Server) -> Iterator[str]:
    place = f"server entry {entry.seq}"
    if (entry.request_id, entry.plan_hash) not in server.asked:
        yield f"{place}: an answer was signed to a request that was never made"
    signed = signed_of(entry)
    if signed is None:
        yield f"{place}: its signed message cannot be read"
        return
    if signed.message.journal_head not in server.hashes:
        yield f"{place}: the signature witnesses a journal that is not this one"
    key = next((key for key in keyring.keys if key.key_id == signed.key_id), None)
    if key is None:
        if keyring.keys:
            yield f"{place}: the key `{signed.key_id[:40]}` was never enrolled"
    elif not verifies(key.public_key, signed.signature, signed.message.canonical()):
        yield f"{place}: the signature of {key.human} does not verify"
