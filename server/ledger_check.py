"""Hold the gateway's ledger against its journal: what the ledger did, the journal must tell.

A chain alone does not show that its end was cut off. The ledger keeps what was done besides, so an
order, a used approval or a kill without its entry is a fault.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from ..core.errors import TamperedError
from ..core.journal_check import read
from .orphans import CONSUMED, INTENT, SENT

LEDGER = "gateway.db"
KILLED = "kill.set"


@dataclass(slots=True)
class _Told:
    """What the journal tells, or what still waits to be journalled after a crash."""

    pairs: set[tuple[str, str]] = field(default_factory=set)  # kind; order or deployment id
    kills: Counter[tuple[str, str]] = field(default_factory=Counter)  # level, scope
    events: dict[int, str] = field(default_factory=dict)  # entry number, event id

    def add(self, kind: str, body: dict[str, object]) -> None:
        """Take one event in."""
        if kind == KILLED:
            self.kills[str(body.get("level")), str(body.get("scope"))] += 1
        elif kind in {INTENT, SENT}:
            self.pairs.add((kind, str(body.get("client_order_id"))))
        elif kind == CONSUMED:
            self.pairs.add((kind, str(body.get("deployment_id"))))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The tables of a ledger that are looked at, as of one moment."""

    orders: list[sqlite3.Row]
    consumed: list[sqlite3.Row]
    kills: list[sqlite3.Row]
    outbox: list[sqlite3.Row]


def ledger_faults(gateway_home: Path, journal: Path) -> Iterator[str]:
    """Give what the ledger of a gateway home did and its journal does not tell.

    Raises:
        TamperedError: when the ledger cannot be read.
    """
    ledger = gateway_home / LEDGER
    if not ledger.is_file():
        return
    # The ledger first: what is added meanwhile stands in the journal alone.
    rows = _rows_of(ledger)
    if not journal.is_file() and any((rows.orders, rows.consumed, rows.kills, rows.outbox)):
        yield "gateway ledger: it has rows, and there is no gateway journal"
    told = _told(rows, journal)
    for row in rows.outbox:
        seq = row["journal_seq"]
        if seq is not None and told.events.get(seq) is None:
            yield f"gateway ledger: entry {seq} (`{row['kind']}`) is missing from the journal"
    yield from _untold(rows, told)


def _rows_of(ledger: Path) -> _Rows:
    try:
        uri = f"{ledger.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            db.execute("BEGIN")
            return _Rows(
                db.execute("SELECT client_order_id, sent_at FROM orders").fetchall(),
                db.execute("SELECT request_id, deployment_id FROM consumed").fetchall(),
                db.execute("SELECT level, scope FROM kills").fetchall(),
                db.execute("SELECT kind, body, journal_seq FROM outbox ORDER BY number").fetchall(),
            )
    except sqlite3.Error as error:
        raise TamperedError(f"the gateway's ledger cannot be read: {error}") from error


def _told(rows: _Rows, journal: Path) -> _Told:
    told = _Told()
    for entry in read(journal) if journal.is_file() else ():
        told.add(entry.kind, dict(entry.body))
        if name := entry.body.get("event_id"):
            told.events[entry.seq] = str(name)
    for row in rows.outbox:
        if row["journal_seq"] is None:
            told.add(row["kind"], json.loads(row["body"]))
    return told


def _untold(rows: _Rows, told: _Told) -> Iterator[str]:
    place = "gateway ledger"
    for row in rows.consumed:
        if (CONSUMED, row["deployment_id"]) not in told.pairs:
            yield f"{place}: the use of approval `{row['request_id']}` is not in the journal"
    for row in rows.orders:
        name = row["client_order_id"]
        if (INTENT, name) not in told.pairs:
            yield f"{place}: order `{name}` has no intent in the journal"
        elif row["sent_at"] and (SENT, name) not in told.pairs:
            yield f"{place}: the sending of order `{name}` is not in the journal"
    kept = Counter((row["level"], row["scope"]) for row in rows.kills)
    for (level, scope), count in sorted(kept.items()):
        if told.kills[level, scope] < count:
            yield f"{place}: the kill {level} of {scope} is not in the journal"
