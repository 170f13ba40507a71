"""The kill switch: what the file and the ledger say, the highest level wins, no order is sent past.

A pull acts at once and is durable before it is acknowledged: the file first, which needs no
database, then ledger and journal. Clearing needs the signatures of two enrolled humans, a reason,
and accounts whose last reconciliation was clean.
"""

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ..core.canonical import canonical_json, tagged_hash
from ..core.errors import ConflictError, InvalidInputError, RefusedError
from ..policies.keyring import Keyring, KeySignature, signers_of
from .kill_file import GLOBAL, Kill, Level, read_kill_file, write_kill_file
from .ledger import Ledger, Writing
from .order import Purpose
from .states import OrderState

CLEAR_TAG = "alphaforge.kill.clear.v1"
REASON_TAG = "alphaforge.kill.reason.v1"
REASON_MAX = 500
CLEARERS = 2
FROM_FILE = "file:KILL"
RECONCILED = "reconciled:"
WORKING = (OrderState.SENDING, OrderState.UNKNOWN, OrderState.OPEN)

# What may leave under each level; STOP_NEW and REDUCE_ONLY differ in what they cancel.
MAY_LEAVE = {
    Level.NONE: frozenset(Purpose),
    Level.STOP_NEW: frozenset({Purpose.REDUCE}),
    Level.REDUCE_ONLY: frozenset({Purpose.REDUCE}),
    Level.CANCEL_ALL: frozenset[Purpose](),
    Level.FLATTEN: frozenset({Purpose.FLATTEN}),
}


@dataclass(frozen=True, slots=True)
class Clearing:
    """What two humans sign: these very pulls of one scope, for this reason."""

    scope: str
    reason: str
    pulls: tuple[str, ...]  # number and time of each, so that no signature serves twice

    def message(self) -> bytes:
        """Return the bytes to sign."""
        return canonical_json(
            {
                "tag": CLEAR_TAG,
                "scope": self.scope,
                "reason_hash": tagged_hash(REASON_TAG, self.reason.encode()),
                "pulls": list(self.pulls),
            }
        )


class KillSwitch:
    """The switch of one gateway home."""

    def __init__(self, ledger: Ledger) -> None:
        """Watch the ledger and the file beside it."""
        self._ledger = ledger
        self._home = ledger.home

    def level(self, scopes: Collection[str]) -> Level:
        """Return the level in force for something that is in these scopes, besides the global."""
        names = {GLOBAL, *scopes}
        stored = self._ledger.rows("SELECT level, scope FROM kills WHERE cleared_at = ''")
        levels = [Level[row["level"]] for row in stored if row["scope"] in names]
        levels += [kill.level for kill in read_kill_file(self._home) if kill.scope in names]
        return max(levels, default=Level.NONE)

    def record(self, kills: Sequence[Kill], principal: str, reason: str) -> None:
        """Write pulls into ledger and journal; a human's pull stands in the file before this."""
        with self._ledger.write() as writing:
            for kill in kills:
                _insert(writing, kill, principal, reason[:REASON_MAX])

    def trip(self, kill: Kill, *, principal: str, reason: str) -> None:
        """Stop by an automatic trigger, unless as much is in force there already."""
        rows = self._active(kill.scope)
        if max((Level[row["level"]] for row in rows), default=Level.NONE) < kill.level:
            self.record([kill], principal, reason)

    def absorb(self) -> None:
        """Take into ledger and journal what a human wrote into the file by hand."""
        known = {(row["level"], row["scope"]) for row in self._active()}
        fresh = {
            kill
            for kill in read_kill_file(self._home)
            if (kill.level.name, kill.scope) not in known
        }
        if fresh:
            self.record(sorted(fresh), FROM_FILE, "found in the file KILL")

    def clearing(self, scope: str, reason: str) -> Clearing:
        """Return what has to be signed to clear a scope.

        Raises:
            InvalidInputError: without a reason, or when nothing is set there.
        """
        self.absorb()
        pulls = tuple(f"{row['number']}@{row['at']}" for row in self._active(scope))
        if not pulls:
            raise InvalidInputError(f"nothing is set at `{scope}`", help="see `alphaforge kill`")
        if not reason.strip() or len(reason) > REASON_MAX:
            raise InvalidInputError("clearing needs a reason", help="give --reason TEXT")
        return Clearing(scope, reason.strip(), pulls)

    def clear(
        self,
        clearing: Clearing,
        *,
        keyring: Keyring,
        signatures: Sequence[KeySignature],
        principal: str,
    ) -> tuple[str, ...]:
        """Clear a scope, and return the humans who signed.

        Raises:
            RefusedError: when two enrolled humans have not signed exactly this.
            ConflictError: when an account is not reconciled, or the pulls have changed since.
        """
        humans = sorted(signers_of(keyring, clearing.message(), signatures))
        if len(humans) < CLEARERS:
            raise RefusedError(
                f"{len(humans)} of {CLEARERS} enrolled humans have signed this clearing",
                decision_id="",
                rule_ids=("clearing_needs_two",),
                help="give two --key files of two enrolled humans",
            )
        self._require_reconciled()
        if self.clearing(clearing.scope, clearing.reason) != clearing:
            raise ConflictError(
                "the switch was pulled again meanwhile", help="look, then sign anew"
            )
        with self._ledger.write() as writing:
            writing.db.execute(
                "UPDATE kills SET cleared_at = ? WHERE scope = ? AND cleared_at = ''",
                (writing.at, clearing.scope),
            )
            writing.event(
                "kill.cleared",
                {
                    "scope": clearing.scope,
                    "reason": clearing.reason,
                    "pulls": list(clearing.pulls),
                    "humans": humans,
                    "signatures": [
                        {"key_id": item.key_id, "signature": item.signature} for item in signatures
                    ],
                },
                principal=principal,
            )
        # The file last: a crash before this leaves the switch set, never the other way.
        kept = [kill for kill in read_kill_file(self._home) if kill.scope != clearing.scope]
        write_kill_file(self._home, kept)
        return tuple(humans)

    def pulls(self) -> list[dict[str, str]]:
        """List what is set, the file's lines included."""
        self.absorb()
        names = ("level", "scope", "principal", "reason", "at")
        return [{name: str(row[name]) for name in names} for row in self._active()]

    def _active(self, scope: str = "") -> list[sqlite3.Row]:
        rows = self._ledger.rows("SELECT * FROM kills WHERE cleared_at = '' ORDER BY number")
        return [row for row in rows if scope in {"", row["scope"]}]

    def _require_reconciled(self) -> None:
        marks = self._ledger.rows("SELECT * FROM marks WHERE name LIKE ?", f"{RECONCILED}%")
        dirty = [row["name"] for row in marks if not json.loads(row["value"])["is_clean"]]
        states = ", ".join(f"'{state}'" for state in WORKING)
        working = self._ledger.rows(f"SELECT account FROM orders WHERE state IN ({states})")
        names = sorted(
            {name.removeprefix(RECONCILED) for name in dirty} | {row["account"] for row in working}
        )
        if names:
            raise ConflictError(
                f"account `{names[0]}` is not reconciled",
                help="start `alphaforge gateway`: it reconciles, and sends nothing under a kill",
            )


def _insert(writing: Writing, kill: Kill, principal: str, reason: str) -> None:
    writing.db.execute(
        "INSERT INTO kills (level, scope, principal, reason, at) VALUES (?, ?, ?, ?, ?)",
        (kill.level.name, kill.scope, principal, reason, writing.at),
    )
    body = {"level": kill.level.name, "scope": kill.scope, "reason": reason}
    writing.event("kill.set", body, principal=principal)
