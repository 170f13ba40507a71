"""The door to Ed25519: verify with public keys, and sign with a key that was just unlocked."""

from typing import TYPE_CHECKING

from ..core.canonical import tagged_hash

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY_TAG = "alphaforge.key.v1"
KEY_BYTES = 32
SIGNATURE_BYTES = 64


def key_id(public_key: str) -> str:
    """Return the name of a public key (hex), made of its bytes."""
    return f"key_{tagged_hash(KEY_TAG, bytes.fromhex(public_key))[:20]}"


def public_hex(private: "Ed25519PrivateKey") -> str:
    """Return the public half of a key, in hex."""
    return private.public_key().public_bytes_raw().hex()


def sign(private: "Ed25519PrivateKey", message: bytes) -> str:
    """Return the signature in hex."""
    return private.sign(message).hex()


def verifies(public_key: str, signature: str, message: bytes) -> bool:
    """Tell whether the signature is by that key over exactly these bytes; odd input is a no."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        key, seal = bytes.fromhex(public_key), bytes.fromhex(signature)
        if len(key) != KEY_BYTES or len(seal) != SIGNATURE_BYTES:
            return False
        Ed25519PublicKey.from_public_bytes(key).verify(seal, message)
    except (ValueError, InvalidSignature):
        return False
    return True
