"""Canonical JSON (RFC 8785 without floats) and the tagged hashes that are taken over it."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from .clock import to_text
from .errors import NotCanonicalError

# Above this an integer changes when read by a JavaScript reader (RFC 8785 section 3.2.2.3).
INTEGER_MAX = 2**53 - 1


def plain(value: object) -> Any:  # noqa: ANN401  # JSON has no narrower Python type.
    """Turn domain values into JSON values: decimals and instants become strings.

    Raises:
        NotCanonicalError: for a float, a number beyond 2**53, or a type JSON cannot say.
    """
    if isinstance(value, Enum):
        return plain(value.value)
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if abs(value) > INTEGER_MAX:
            raise NotCanonicalError(f"{value} is beyond 2**53 and would change in transport")
        return value
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return to_text(value)
    return _plain_container(value)


def _plain_container(value: object) -> Any:  # noqa: ANN401
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        # A formula is a list of texts: nearly all of what is ever written.
        return [item if type(item) is str else plain(item) for item in value]
    raise NotCanonicalError(f"`{type(value).__name__}` has no canonical JSON form")


def decimal_text(value: Decimal) -> str:
    """Write a decimal without exponent or trailing zeros, so that equal numbers have equal text.

    Raises:
        NotCanonicalError: for NaN and infinities.
    """
    if not value.is_finite():
        raise NotCanonicalError(f"`{value}` is not a finite number")
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def canonical_json(value: object) -> bytes:
    """Write a value as RFC 8785 JSON: keys in UTF-16 order, no white space."""
    return json.dumps(
        _in_key_order(plain(value)), ensure_ascii=False, separators=(",", ":"), allow_nan=False
    ).encode()


def _in_key_order(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        ordered = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return {key: _in_key_order(value[key]) for key in ordered}
    if isinstance(value, list):
        return [item if type(item) is str else _in_key_order(item) for item in value]
    return value


def tagged_hash(tag: str, *parts: bytes) -> str:
    """Return SHA-256 in hex over the tag and the length-prefixed parts: no two splits collide."""
    digest = hashlib.sha256()
    for part in (tag.encode(), *parts):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()
