"""``alphaforge keys new|list|enroll|revoke``: the keys with which humans sign."""

import getpass
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.canonical import plain
from ...core.clock import SystemClock
from ...core.errors import InvalidInputError
from ...core.home import Home
from ...core.journal import Journal
from ...policies.action import Action
from ...policies.keyring import (
    EnrolledKey,
    Keyring,
    KeySignature,
    enroll_message,
    enrolled,
    revoke_message,
    revoked,
)
from ...policies.request import Request
from ...policies.signing import key_id
from ..command import Answer, Command, Session
from ..keyfiles import (
    HumanKey,
    card_path,
    changing_keyring,
    create_key,
    load_keyring,
    open_key,
    read_card,
    save_keyring,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTIONS = {
    "new": Action.KEY_NEW,
    "list": Action.KEY_LIST,
    "enroll": Action.KEY_ENROLL,
    "revoke": Action.KEY_REVOKE,
}


def configure(parser: ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    new = verbs.add_parser("new", help="make a key, encrypted with a passphrase")
    new.add_argument("human", help="whose key it is, such as `ana`")
    new.add_argument("--out", required=True, type=Path, help="the key file to write")
    _add_passphrase(new)
    verbs.add_parser("list", help="the keys that the gateway trusts")
    enroll = verbs.add_parser("enroll", help="let a key count, at the gateway's console")
    enroll.add_argument("card", type=Path, help="the card that `keys new` wrote")
    enroll.add_argument("--roles", required=True, help="comma-joined: pm, approver, risk")
    enroll.add_argument("--demo", action="store_true", help="counts on the venue `sim` alone")
    _add_signers(enroll)
    revoke = verbs.add_parser("revoke", help="stop a key from counting")
    revoke.add_argument("key_id")
    _add_signers(revoke)


def _add_passphrase(parser: ArgumentParser) -> None:
    parser.add_argument("--passphrase-file", type=Path, help="read it here instead of asking")


def _add_signers(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--signer", type=Path, action="append", default=[], help="key file of an enrolled human"
    )
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        action="append",
        default=[],
        help="one for each --signer, in order; asked for when absent",
    )


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    resource = str(getattr(args, "key_id", "") or getattr(args, "card", "") or "")
    return Request(ACTIONS[args.verb], session.principal, resource=resource)


def run(session: Session, args: Namespace) -> Answer:
    """Answer one verb."""
    if args.verb == "new":
        return _new(session, args)
    if args.verb == "enroll":
        return _enroll(session, args)
    if args.verb == "revoke":
        return _revoke(session, args)
    return _list(load_keyring(session.settings.gateway_home))


def passphrase(path: Path | None, prompt: str) -> str:
    """Read a passphrase from the first line of a file, or ask for it."""
    if path is None:
        return _asked(prompt)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InvalidInputError(f"`{path}` cannot be read: {error.strerror}") from error
    return lines[0] if lines else ""


def _asked(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise InvalidInputError(
            "there is no terminal to ask for a passphrase at", help="give --passphrase-file"
        )
    return getpass.getpass(prompt)


def _new(session: Session, args: Namespace) -> Answer:
    place = args.out.expanduser().resolve()
    for home in (session.home.root, session.settings.gateway_home):
        if place.is_relative_to(home.resolve()):
            raise InvalidInputError(
                f"`{place}` lies in a home of AlphaForge",
                help="keep a human's key where only its human reads, outside both homes",
            )
    words = passphrase(args.passphrase_file, f"New passphrase for {args.human}: ")
    if args.passphrase_file is None and words != _asked("Once more: "):
        raise InvalidInputError("the two passphrases differ", help="try again")
    key = create_key(place, args.human, words)
    fields = {
        "key_id": key.key_id,
        "human": key.human,
        "public_key": key.public_key,
        "key_file": str(place),
        "card_file": str(card_path(place)),
    }
    text = (
        f"{key.key_id} of {key.human}\n  private: {place} (keep it)\n"
        f"  card: {card_path(place)} (hand it in)\n"
        f"  next: alphaforge keys enroll {card_path(place)} --roles pm|approver|risk"
    )
    return Answer(fields, text)


def _list(keyring: Keyring) -> Answer:
    rows: list[dict[str, object]] = [plain(key) for key in keyring.keys]
    lines = [_line(key) for key in keyring.keys]
    text = "\n".join(lines) or "the keyring is empty: nothing can go live"
    return Answer({"keys": rows, "is_live_possible": len(keyring.active) > 0}, text)


def _line(key: EnrolledKey) -> str:
    marks = f"{'  demo' if key.is_demo else ''}{'  REVOKED' if key.revoked_at else ''}"
    return f"{key.key_id}  {key.human}  {','.join(key.roles)}  since {key.enrolled_at}{marks}"


def _enroll(session: Session, args: Namespace) -> Answer:
    home = session.settings.gateway_home
    card = read_card(args.card.expanduser())
    roles = [role.strip() for role in args.roles.split(",") if role.strip()]
    signers = _signers(args.signer, args.passphrase_file)
    with changing_keyring(home) as ring:
        message = enroll_message(ring, card, roles, is_demo=args.demo)
        signatures = _signatures(signers, message)
        clock = SystemClock()
        grown = enrolled(
            ring, card, roles, is_demo=args.demo, at=clock.now(), signatures=signatures
        )
        key = grown.keys[-1]
        _journal(session, "key.enrolled", key, signatures)
        save_keyring(home, grown)
    left = max(0, 2 - len(grown.keys))
    hint = f"\n  next: {left} more human can be enrolled at this console" if left else ""
    return Answer(plain(key), f"enrolled {_line(key)}{hint}")


def _revoke(session: Session, args: Namespace) -> Answer:
    home = session.settings.gateway_home
    signers = _signers(args.signer, args.passphrase_file)
    with changing_keyring(home) as ring:
        signatures = _signatures(signers, revoke_message(ring, args.key_id))
        shrunk = revoked(ring, args.key_id, at=SystemClock().now(), signatures=signatures)
        key = next(key for key in shrunk.keys if key.key_id == args.key_id)
        _journal(session, "key.revoked", key, signatures)
        save_keyring(home, shrunk)
    return Answer(plain(key), f"revoked {_line(key)}")


def _signers(files: "Sequence[Path]", passphrases: "Sequence[Path]") -> list[HumanKey]:
    if len(passphrases) > len(files):
        raise InvalidInputError("there are more --passphrase-file than --signer")
    padded = [*passphrases, *[None] * (len(files) - len(passphrases))]
    return [
        open_key(file.expanduser(), passphrase(words, f"Passphrase of {file.name}: "))
        for file, words in zip(files, padded, strict=True)
    ]


def _signatures(signers: "Sequence[HumanKey]", message: bytes) -> list[KeySignature]:
    return [KeySignature(key_id(key.public_key), key.sign(message)) for key in signers]


def _journal(
    session: Session, kind: str, key: EnrolledKey, signatures: "Sequence[KeySignature]"
) -> None:
    """Write it into the gateway's own journal before it takes effect."""
    journal = Journal(Home(session.settings.gateway_home).journal_db, SystemClock())
    try:
        journal.append(
            kind,
            principal=session.principal.id,
            body={"key": plain(key), "signatures": plain(signatures)},
        )
    finally:
        journal.close()


COMMAND = Command("keys", "make, list, enrol and revoke human keys", configure, run, request)
