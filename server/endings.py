"""What ends an approval for good, as the server's hash-chained journal tells it.

A row of the server's store can be changed back; an entry of its journal cannot without breaking the
chain. So the "no" of a human is taken from the journal, and what was seen once stays seen.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from ..core.chain import GENESIS, Entry
from ..core.clock import from_text
from ..core.errors import TamperedError
from ..core.journal import Journal
from ..core.journal_check import verify

SIGNED = "approval.signed"
MOVED = "deployment.moved"
ENDED = frozenset(
    f"approval.{state}" for state in ("rejected", "expired", "revoked", "superseded", "withdrawn")
)
STOPS = frozenset({"stopping", "stopped"})
PAGE = 1000


def ended_by(entry: Entry) -> str:
    """Return the id of the request, or of the unsigned deployment, that an entry ends; or none."""
    if entry.kind in ENDED or (entry.kind == SIGNED and _is_rejection(entry.body)):
        return entry.request_id
    if entry.kind == MOVED and entry.body.get("to") in STOPS:
        return entry.request_id or str(entry.body.get("deployment_id", ""))
    return ""


def first_endings(entries: Iterable[Entry]) -> dict[str, tuple[datetime, Entry]]:
    """Return the first ending of each request or unsigned deployment, with its time."""
    found: dict[str, tuple[datetime, Entry]] = {}
    for entry in entries:
        if name := ended_by(entry):
            found.setdefault(name, (from_text(entry.at), entry))
    return found


class Endings:
    """All endings that this process has seen in a journal; none is ever forgotten."""

    def __init__(self, journal: Journal) -> None:
        """Watch a journal from its first entry on."""
        self._journal = journal
        self._names: set[str] = set()
        self._seq = 0
        self._head = GENESIS

    def has(self, name: str) -> bool:
        """Tell whether a request or an unsigned deployment has ended; reads only what is new.

        Raises:
            TamperedError: when what was read before is no longer there.
            BrokenError: when the journal cannot be opened.
        """
        if name not in self._names:
            self._catch_up()
        return name in self._names

    def _catch_up(self) -> None:
        while True:
            # The last one known is read again: a journal that was cut or rewritten shows.
            try:
                page = self._journal.entries(after=max(self._seq - 1, 0), limit=PAGE)
            except (ValueError, KeyError, TypeError) as error:
                raise TamperedError(f"the server's journal cannot be read: {error}") from error
            if self._seq:
                if not page or (page[0].seq, page[0].hash) != (self._seq, self._head):
                    raise TamperedError("the server's journal is not the one that was read before")
                page = page[1:]
            if not page:
                return
            for entry in page:
                self._take(entry)

    def _take(self, entry: Entry) -> None:
        if (entry.seq, entry.prev) != (self._seq + 1, self._head):
            raise TamperedError(f"entry {entry.seq} of the server's journal does not follow")
        self._seq, self._head = entry.seq, entry.hash
        if name := ended_by(entry):
            self._names.add(name)


def check_journal(journal: Path, checkpoints: Path) -> None:
    """Refuse a server's journal that does not hold, by itself and against the checkpoints kept.

    Raises:
        TamperedError: saying where it breaks first.
    """
    try:
        verdict = verify(journal, checkpoints if checkpoints.is_file() else None)
    except (sqlite3.Error, json.JSONDecodeError) as error:
        raise TamperedError(f"the server's journal cannot be read: {error}") from error
    if not verdict.is_ok:
        raise TamperedError(
            f"the server's journal does not hold: {verdict.faults[0]}",
            help="run `alphaforge audit verify`; nothing is traded on a journal that breaks",
        )


def _is_rejection(body: Mapping[str, object]) -> bool:
    signed = body.get("signed")
    message = signed.get("message") if isinstance(signed, Mapping) else None
    # What cannot be read may be a no.
    return not isinstance(message, Mapping) or message.get("decision") != "approve"
