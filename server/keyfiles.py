"""Human keys as files: encrypted private halves, cards to hand in, and the gateway's keyring.

A private key lives where its human keeps it, in neither home. Its file is PKCS8 PEM; the password
is the passphrase stretched by scrypt, which makes guessing cost memory.
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.canonical import canonical_json
from ..core.errors import InvalidInputError, NotFoundError, TamperedError
from ..policies.keyring import (
    Card,
    Keyring,
    card_message,
    check_name,
    keyring_from_json,
    keyring_json,
)
from ..policies.signing import key_id, public_hex, sign

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEYRING = "keyring.json"
CHECKPOINTS = "server-checkpoints.jsonl"  # in the gateway home: out of the server's reach
CARD_SUFFIX = ".card.json"
TITLE = "alphaforge human key"
PASSPHRASE_CHARS_MIN = 8
BYTES_MAX = 64 * 1024
# 32 MiB and about a tenth of a second for one guess.
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**15, 8, 1
OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class HumanKey:
    """An unlocked key; it lives as long as the command that signs."""

    human: str
    public_key: str
    private: "Ed25519PrivateKey"

    @property
    def key_id(self) -> str:
        """Return the key's name."""
        return key_id(self.public_key)

    def sign(self, message: bytes) -> str:
        """Return the signature in hex."""
        return sign(self.private, message)

    def card(self) -> Card:
        """Return what its human hands in to be enrolled."""
        proof = self.sign(card_message(self.human, self.public_key))
        return Card(self.human, self.public_key, proof)


def create_key(path: Path, human: str, passphrase: str) -> HumanKey:
    """Make a new key, write its file (0600) and, beside it, its card.

    Raises:
        InvalidInputError: when the passphrase is short, the name odd, or the file is there.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    if len(passphrase) < PASSPHRASE_CHARS_MIN:
        raise InvalidInputError(f"a passphrase has at least {PASSPHRASE_CHARS_MIN} characters")
    name = check_name(human)
    private = Ed25519PrivateKey.generate()
    key = HumanKey(name, public_hex(private), private)
    password = _stretched(passphrase, key.public_key)
    pem = private.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password)
    )
    head = f"{TITLE}\nhuman: {name}\npublic: {key.public_key}\n"
    _write_new(path, head.encode() + pem)
    _write_new(card_path(path), canonical_json(key.card()) + b"\n")
    return key


def open_key(path: Path, passphrase: str) -> HumanKey:
    """Unlock a key file.

    Raises:
        InvalidInputError: when it is no key file of ours, or the passphrase is another.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _read(path, "key file")
    lines = content.decode("ascii", "replace").splitlines()
    head = dict(line.split(": ", 1) for line in lines[1:3] if ": " in line)
    if not lines or lines[0] != TITLE or head.keys() != {"human", "public"}:
        raise InvalidInputError(
            f"`{path.name}` is no key file", help="make one with `alphaforge keys new`"
        )
    pem = content[content.index(b"-----BEGIN") :] if b"-----BEGIN" in content else b""
    try:
        private = load_pem_private_key(pem, _stretched(passphrase, head["public"]))
    except (ValueError, TypeError) as error:
        raise InvalidInputError(
            f"`{path.name}` does not open with this passphrase", help="try again"
        ) from error
    if not isinstance(private, Ed25519PrivateKey) or public_hex(private) != head["public"]:
        raise TamperedError(f"`{path.name}` holds another key than it says")
    return HumanKey(head["human"], head["public"], private)


def card_path(path: Path) -> Path:
    """Return where the card of a key file lies."""
    return path.with_name(path.name + CARD_SUFFIX)


def read_card(path: Path) -> Card:
    """Read a card, given its own path or that of its key file.

    Raises:
        InvalidInputError: when it is no card.
    """
    place = path if path.name.endswith(CARD_SUFFIX) else card_path(path)
    try:
        table = json.loads(_read(place, "card"))
        return Card(str(table["human"]), str(table["public_key"]), str(table["proof"]))
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidInputError(
            f"`{place.name}` is no card", help="hand in the file that `keys new` wrote"
        ) from error


def load_keyring(gateway_home: Path) -> Keyring:
    """Read the trusted keyring; without a file nobody is trusted, so nothing can go live.

    Raises:
        TamperedError: when the file is not as we wrote it, or others may read or write it.
    """
    path = gateway_home / KEYRING
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except FileNotFoundError:
        return Keyring()
    except PermissionError as error:
        raise InvalidInputError(
            "the gateway's keyring is not for this user to read",
            help="do this at the gateway's console",
        ) from error
    if mode & OPEN_TO_OTHERS:
        raise TamperedError(
            f"the keyring is open to others (mode {stat.S_IMODE(mode):o})",
            help=f"check who changed it, then: chmod 600 {KEYRING}",
        )
    return keyring_from_json(content)


@contextmanager
def changing_keyring(gateway_home: Path) -> Iterator[Keyring]:
    """Hold the keyring for one change; two consoles take turns."""
    gateway_home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (gateway_home / ".keyring.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield load_keyring(gateway_home)


def save_keyring(gateway_home: Path, keyring: Keyring) -> None:
    """Replace the keyring; it is on the disk, whole, before this returns."""
    fresh = gateway_home / f".{KEYRING}.new"
    fresh.unlink(missing_ok=True)
    _write_new(fresh, keyring_json(keyring))
    fresh.replace(gateway_home / KEYRING)
    _sync_folder(gateway_home)


def _stretched(passphrase: str, public_key: str) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    # The public key is as good a salt as any: it is fresh for each file.
    kdf = Scrypt(salt=public_key.encode(), length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P)
    return kdf.derive(passphrase.encode()).hex().encode()


def _read(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(BYTES_MAX)
    except OSError as error:
        raise NotFoundError(
            f"no {what} at `{path}`: {error.strerror}", help="check the path"
        ) from error


def _write_new(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InvalidInputError(
            f"`{path}` is there already", help="a key is never written over; name another file"
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
