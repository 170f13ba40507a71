"""The trusted keyring: whose public keys count, and how a key comes in or goes.

The first two keys are enrolled at the gateway's console; every later one needs the signatures of
two humans who are in already. A ring is of demo keys or of real ones, never of both.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from ..core.canonical import canonical_json, plain, tagged_hash
from ..core.clock import to_text
from ..core.errors import ConflictError, InvalidInputError, RefusedError, TamperedError
from .signing import KEY_BYTES, key_id, verifies

RING_TAG = "alphaforge.keyring.v1"
CARD_TAG = "alphaforge.key.card.v1"
ENROLL_TAG = "alphaforge.key.enroll.v1"
REVOKE_TAG = "alphaforge.key.revoke.v1"
CONSOLE_KEYS = 2
SIGNERS_TO_ENROLL = 2
KNOWN_ROLES = frozenset({"pm", "approver", "risk"})
KEYS_MAX = 1000
# ASCII alone: a look-alike letter would make one person two.
NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Card:
    """What a person hands in: a name, the public key, and its signature over both."""

    human: str
    public_key: str
    proof: str


@dataclass(frozen=True, slots=True)
class EnrolledKey:
    """A public key that counts, whose it is, and for which roles."""

    key_id: str
    human: str
    roles: tuple[str, ...]
    public_key: str
    is_demo: bool
    enrolled_at: str
    revoked_at: str = ""


@dataclass(frozen=True, slots=True)
class KeySignature:
    """One human's signature over an enrolment or a revocation."""

    key_id: str
    signature: str


@dataclass(frozen=True, slots=True)
class Keyring:
    """All keys ever enrolled, revoked ones included."""

    keys: tuple[EnrolledKey, ...] = ()

    @property
    def active(self) -> tuple[EnrolledKey, ...]:
        """Return the keys that count."""
        return tuple(key for key in self.keys if not key.revoked_at)

    def find(self, name: str) -> EnrolledKey | None:
        """Return the active key of that id."""
        return next((key for key in self.active if key.key_id == name), None)

    def hash(self) -> str:
        """Return the hash of the ring: a signature about keys holds for this ring alone."""
        return tagged_hash(RING_TAG, keyring_json(self))


def as_of(keyring: Keyring, at: str) -> Keyring:
    """Return the ring as it counted at an instant: later comings and goings undone."""
    return Keyring(
        tuple(
            replace(key, revoked_at="") if key.revoked_at > at else key
            for key in keyring.keys
            if key.enrolled_at <= at
        )
    )


def human_name(text: str) -> str:
    """Return a person's name as it is compared: ``human:Ana`` and ``ana`` are one person."""
    return text.strip().rpartition(":")[2].casefold()


def check_name(text: str) -> str:
    """Return a person's name if it is one that cannot be mistaken for another's.

    Raises:
        InvalidInputError: for other letters than a to z, digits, ``_``, ``-`` and ``.``.
    """
    name = human_name(text)
    if not NAME.fullmatch(name):
        raise InvalidInputError(
            f"`{text[:40]!a}` is no name for a human",
            help="use letters a to z, digits, `_`, `-` and `.`",
        )
    return name


def keyring_json(keyring: Keyring) -> bytes:
    """Write a ring as canonical JSON."""
    return canonical_json({"schema": 1, "keys": plain(keyring.keys)})


def keyring_from_json(text: bytes) -> Keyring:
    """Read a ring.

    Raises:
        TamperedError: when it is not a ring as ``keyring_json`` writes it; then nobody is trusted.
    """
    names = {field.name for field in fields(EnrolledKey)}
    try:
        table = json.loads(text)
        rows = table["keys"]
        if table["schema"] != 1 or any(row.keys() != names for row in rows):
            raise ValueError("unknown fields")  # noqa: TRY301  # One way out for every odd shape.
        ring = Keyring(tuple(EnrolledKey(**{**row, "roles": tuple(row["roles"])}) for row in rows))
        if keyring_json(ring) != text.strip() or any(
            key.key_id != key_id(key.public_key) for key in ring.keys
        ):
            raise ValueError("not as it was written")  # noqa: TRY301
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise TamperedError(
            f"the keyring cannot be trusted: {error}", help="restore the gateway's keyring.json"
        ) from error
    return ring


def card_message(human: str, public_key: str) -> bytes:
    """Return the bytes with which a new key shows that its owner holds it."""
    return canonical_json({"tag": CARD_TAG, "human": human, "public_key": public_key})


def enroll_message(keyring: Keyring, card: Card, roles: Sequence[str], *, is_demo: bool) -> bytes:
    """Return the bytes that humans sign to let a new key in, on top of this very ring."""
    return canonical_json(
        {
            "tag": ENROLL_TAG,
            "human": card.human,
            "public_key": card.public_key,
            "roles": sorted(set(roles)),
            "is_demo": is_demo,
            "keyring_hash": keyring.hash(),
        }
    )


def revoke_message(keyring: Keyring, name: str) -> bytes:
    """Return the bytes that a human signs to take a key out."""
    return canonical_json({"tag": REVOKE_TAG, "key_id": name, "keyring_hash": keyring.hash()})


def enrolled(  # noqa: PLR0913  # The facts of one enrolment.
    keyring: Keyring,
    card: Card,
    roles: Sequence[str],
    *,
    is_demo: bool,
    at: datetime,
    signatures: Sequence[KeySignature] = (),
) -> Keyring:
    """Return the ring with the new key in it.

    Raises:
        InvalidInputError: for an unknown role, a malformed key or a name that is empty.
        ConflictError: when the key is in, or demo and real keys would mix.
        RefusedError: when the signatures of two enrolled humans are missing.
    """
    _check_card(card, roles)
    _check_place(keyring, card, is_demo=is_demo)
    if len(keyring.keys) >= CONSOLE_KEYS:
        message = enroll_message(keyring, card, roles, is_demo=is_demo)
        signers = signers_of(keyring, message, signatures)
        if len(signers) < SIGNERS_TO_ENROLL:
            raise RefusedError(
                f"{len(signers)} of {SIGNERS_TO_ENROLL} enrolled humans have signed this key",
                decision_id="",
                rule_ids=("later_keys_need_two",),
                help="give two --signer key files of enrolled humans",
            )
    key = EnrolledKey(
        key_id=key_id(card.public_key),
        human=human_name(card.human),
        roles=tuple(sorted(set(roles))),
        public_key=card.public_key,
        is_demo=is_demo,
        enrolled_at=to_text(at),
    )
    return Keyring((*keyring.keys, key))


def revoked(
    keyring: Keyring, name: str, *, at: datetime, signatures: Sequence[KeySignature]
) -> Keyring:
    """Return the ring without that key counting; one enrolled human suffices, for it only tightens.

    Raises:
        InvalidInputError: when there is no such active key.
        RefusedError: when no enrolled human has signed.
    """
    if keyring.find(name) is None:
        raise InvalidInputError(f"no active key `{name}`", help="see `alphaforge keys list`")
    if not signers_of(keyring, revoke_message(keyring, name), signatures):
        raise RefusedError(
            "no enrolled human has signed this revocation",
            decision_id="",
            rule_ids=("revocation_needs_one",),
            help="give a --signer key file of an enrolled human",
        )
    return Keyring(
        tuple(
            replace(key, revoked_at=to_text(at)) if key.key_id == name else key
            for key in keyring.keys
        )
    )


def signers_of(
    keyring: Keyring, message: bytes, signatures: Sequence[KeySignature]
) -> frozenset[str]:
    """Return the distinct humans whose active keys have signed these bytes."""
    keys = ((keyring.find(item.key_id), item.signature) for item in signatures)
    return frozenset(
        key.human
        for key, signature in keys
        if key is not None and verifies(key.public_key, signature, message)
    )


def _check_card(card: Card, roles: Sequence[str]) -> None:
    odd = sorted(set(roles) - KNOWN_ROLES)
    if odd or not roles:
        raise InvalidInputError(
            f"`{', '.join(odd)}` is no role of a key" if odd else "a key needs a role",
            help=f"roles: {', '.join(sorted(KNOWN_ROLES))}",
        )
    check_name(card.human)
    if len(card.public_key) != 2 * KEY_BYTES:
        raise InvalidInputError(f"a public key has {KEY_BYTES} bytes, in hex")
    if not verifies(card.public_key, card.proof, card_message(card.human, card.public_key)):
        raise TamperedError(
            f"the card of `{card.human}` is not signed by its own key",
            help="use the file that `alphaforge keys new` wrote",
        )


def _check_place(keyring: Keyring, card: Card, *, is_demo: bool) -> None:
    if len(keyring.keys) >= KEYS_MAX:
        raise ConflictError(f"a keyring holds at most {KEYS_MAX} keys")
    if any(key.public_key == card.public_key for key in keyring.keys):
        raise ConflictError(
            f"the key of `{card.human}` is in the ring, or was revoked",
            help="make another with `alphaforge keys new`",
        )
    if any(key.is_demo is not is_demo for key in keyring.keys):
        raise ConflictError(
            "demo keys and real keys do not share a ring", help="use another --gateway-home"
        )
    first = len(keyring.keys) < CONSOLE_KEYS
    if first and any(key.human == human_name(card.human) for key in keyring.keys):
        raise ConflictError(
            f"the first two keys belong to two humans, and `{card.human}` has one",
            help="enrol the key of another human next",
        )
