"""What an entry of the journal is, and the hashes that chain entries."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from .canonical import tagged_hash

ENTRY_TAG = "alphaforge.journal.entry.v1"
BODY_TAG = "alphaforge.journal.body.v1"
GENESIS = tagged_hash("alphaforge.journal.genesis.v1")

# A wall clock may be slewed a little; more than this is a step, and is written down as one.
CLOCK_SLACK = timedelta(seconds=5)
CLOCK_STEPPED = "clock.stepped"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    seq: int
    prev: str
    hash: str
    kind: str
    principal: str
    tenant: str
    request_id: str
    decision_id: str
    plan_hash: str
    at: str
    monotonic_ns: int
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How long the chain was, and its last hash; kept where the journal's writer cannot reach."""

    entries: int
    head: str
    at: str


def entry_hash(prev: str, record: str) -> str:
    """Return the hash that chains a record to the one before it."""
    return tagged_hash(ENTRY_TAG, prev.encode(), record.encode())


def body_hash(body: str) -> str:
    """Return the hash of a body's canonical text."""
    return tagged_hash(BODY_TAG, body.encode())


def entry_of(row: "sqlite3.Row | Mapping[str, object]") -> Entry:
    """Read an entry from a row; says nothing about whether it verifies."""
    record = json.loads(str(row["record"]))
    return Entry(
        seq=record["seq"],
        prev=str(row["prev"]),
        hash=str(row["hash"]),
        kind=record["kind"],
        principal=record["principal"],
        tenant=record["tenant"],
        request_id=record["request_id"],
        decision_id=record["decision_id"],
        plan_hash=record["plan_hash"],
        at=record["at"],
        monotonic_ns=int(record["monotonic_ns"]),
        body=json.loads(str(row["body"])),
    )
