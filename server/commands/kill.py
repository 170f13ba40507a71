"""``alphaforge kill``: stop trading at once; it needs no server and no database.

A pull writes the file ``KILL`` of the gateway's home first, which the gateway looks at before every
order. Ledger and journal follow where they can be written; otherwise the gateway takes the file's
line into them when it next runs.
"""

import sqlite3
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from ...core.clock import SystemClock
from ...core.errors import AlphaForgeError, BrokenError, InvalidInputError
from ...core.home import Home
from ...core.ids import RandomIds
from ...core.journal import Journal
from ...execution.kill import KillSwitch
from ...execution.kill_file import (
    GLOBAL,
    Kill,
    Level,
    add_to_kill_file,
    level_of,
    read_kill_file,
    scope_of,
)
from ...execution.ledger import Ledger, private_folder
from ...policies.action import Action
from ...policies.default import default_bundle
from ...policies.gate import Gate
from ...policies.keyring import KeySignature
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..keyfiles import load_keyring, open_key
from .keys import passphrase


def configure(parser: ArgumentParser) -> None:
    """Add the arguments."""
    names = ", ".join(level.name for level in Level if level)
    parser.add_argument("level", nargs="?", default="", help=f"{names}; none shows what is set")
    parser.add_argument(
        "--scope",
        default=GLOBAL,
        help="global, account:NAME, deployment:ID, instrument:SYMBOL or tenant:NAME",
    )
    parser.add_argument("--reason", default="", help="why; needed to clear")
    parser.add_argument(
        "--clear", action="store_true", help="clear the scope, signed by two enrolled humans"
    )
    parser.add_argument(
        "--key", type=Path, action="append", default=[], help="key file of an enrolled human"
    )
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        action="append",
        default=[],
        help="one for each --key, in order; asked for when absent",
    )


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate: anyone may stop, humans alone may clear."""
    action = Action.KILL_READ
    if args.clear:
        action = Action.KILL_CLEAR
    elif args.level:
        action = Action.KILL_SET
        _need_no_journal(session)
    return Request(action, session.principal, resource=args.scope)


def run(session: Session, args: Namespace) -> Answer:
    """Set, clear or show."""
    if args.clear and args.level:
        raise InvalidInputError("a level is set or a scope is cleared, not both")
    scope = scope_of(args.scope)
    if args.clear:
        return _clear(session, scope, args)
    if args.level:
        return _set(session, Kill(level_of(args.level), scope), args.reason)
    return _show(session)


class _NoJournal(Journal):
    """A journal that could not be opened: the gate lets through what only lowers risk."""

    def __init__(self) -> None:
        """Open nothing."""

    def append(self, kind: str, **_fields: object) -> NoReturn:
        """Fail, as a journal that cannot be written does."""
        raise BrokenError(f"no journal takes `{kind}`", code="AF510")


def _need_no_journal(session: Session) -> None:
    """Let the gate decide by policy alone where the server's journal does not open (L2)."""
    try:
        session.gate  # noqa: B018  # Opening it is the question.
    except (BrokenError, OSError):
        vars(session)["gate"] = Gate(default_bundle(), _NoJournal(), RandomIds())


def _set(session: Session, kill: Kill, reason: str) -> Answer:
    home = session.settings.gateway_home
    add_to_kill_file(home, kill)
    note = ""
    try:
        with _switch(home) as switch:
            switch.record([kill], session.principal.id, reason or "no reason given")
    except (sqlite3.Error, OSError, AlphaForgeError) as error:
        # The pull is in force already; only its record waits for the gateway.
        note = f"the file is written, the ledger is not: {error}"
    data = {
        "level": kill.level.name,
        "scope": kill.scope,
        "is_recorded": not note,
        "note": note,
        "file": str(home / "KILL"),
    }
    text = f"{kill.level.name} is in force for {kill.scope}"
    return Answer(data, f"{text}\n  {note}" if note else text)


def _clear(session: Session, scope: str, args: Namespace) -> Answer:
    if len(args.passphrase_file) > len(args.key):
        raise InvalidInputError("there are more --passphrase-file than --key")
    home = session.settings.gateway_home
    with _switch(home) as switch:
        clearing = switch.clearing(scope, args.reason)
        message = clearing.message()
        padded = [*args.passphrase_file, *[None] * (len(args.key) - len(args.passphrase_file))]
        signatures = []
        for file, words in zip(args.key, padded, strict=True):
            key = open_key(file.expanduser(), passphrase(words, f"Passphrase of {file.name}: "))
            signatures.append(KeySignature(key.key_id, key.sign(message)))
        humans = switch.clear(
            clearing,
            keyring=load_keyring(home),
            signatures=signatures,
            principal=session.principal.id,
        )
    data = {"scope": scope, "humans": list(humans), "reason": clearing.reason}
    return Answer(data, f"cleared {scope}, signed by {', '.join(humans)}")


def _show(session: Session) -> Answer:
    home = session.settings.gateway_home
    if not home.is_dir():
        return Answer({"kills": [], "level": Level.NONE.name}, "nothing is set")
    try:
        with _switch(home) as switch:
            kills = switch.pulls()
    except (sqlite3.Error, AlphaForgeError) as error:
        kills = [
            {"level": kill.level.name, "scope": kill.scope, "reason": f"file; {error}"}
            for kill in read_kill_file(home)
        ]
    highest = max((Level[kill["level"]] for kill in kills), default=Level.NONE)
    lines = [f"{kill['level']:<12} {kill['scope']}  {kill['reason']}" for kill in kills]
    return Answer({"kills": kills, "level": highest.name}, "\n".join(lines) or "nothing is set")


@contextmanager
def _switch(home: Path) -> Iterator[KillSwitch]:
    """Open the switch of a gateway home."""
    clock = SystemClock()
    journal = Journal(Home(private_folder(home)).journal_db, clock)
    try:
        ledger = Ledger(home, journal, clock)
        try:
            yield KillSwitch(ledger)
        finally:
            ledger.close()
    finally:
        journal.close()


COMMAND = Command("kill", "stop trading, or show or clear what is stopped", configure, run, request)
