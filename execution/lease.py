"""The right to be the gateway of one account: a numbered lease, and a lock while the process lives.

The lock keeps two live processes of one home apart; the epoch keeps apart what a lock cannot: a
process that was thought dead and writes again finds a higher epoch and may not (G6).
"""

import fcntl
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import ConflictError


class LeaseLostError(ConflictError):
    """Another gateway holds the account now: this one must stop."""

    code = "AF720"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to journal and to send for an account while no higher epoch exists."""

    account: str
    epoch: int


class AccountLock:
    """The operating system's lock on an account; the kernel gives it back when the process dies."""

    def __init__(self, home: Path, account: str) -> None:
        """Take the lock.

        Raises:
            ConflictError: when a live process holds it.
        """
        self._handle = os.open(home / f"account-{account}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise ConflictError(
                f"a gateway of account `{account}` is running",
                code="AF721",
                help="stop it first: an account has one gateway",
            ) from error

    def release(self) -> None:
        """Give the lock back."""
        os.close(self._handle)


def next_epoch(db: sqlite3.Connection, account: str, holder: str, at: str) -> Lease:
    """Take the account inside a transaction: everyone with a lower epoch is out."""
    db.execute(
        "INSERT INTO leases VALUES (?, 1, ?, ?) ON CONFLICT (account) DO UPDATE "
        "SET epoch = epoch + 1, holder = excluded.holder, taken_at = excluded.taken_at",
        (account, holder, at),
    )
    row = db.execute("SELECT epoch FROM leases WHERE account = ?", (account,)).fetchone()
    return Lease(account, int(row["epoch"]))


def check_epoch(db: sqlite3.Connection, lease: Lease) -> None:
    """Refuse a lease that is no longer the highest.

    Raises:
        LeaseLostError: when another gateway took the account, or nobody ever held it.
    """
    row = db.execute("SELECT epoch FROM leases WHERE account = ?", (lease.account,)).fetchone()
    if row is None or int(row["epoch"]) != lease.epoch:
        raise LeaseLostError(
            f"the lease {lease.epoch} of account `{lease.account}` is no longer the highest",
            help="another gateway trades this account; this one stops",
        )
