"""What must never be written down: values under names that mean a secret."""

from collections.abc import Mapping, Sequence

HIDDEN = "***"
SECRET_NAMES = frozenset(
    {
        "access_token",
        "api_key",
        "api_secret",
        "apikey",
        "authorization",
        "cookie",
        "credentials",
        "passphrase",
        "password",
        "private_key",
        "refresh_token",
        "secret",
        "secret_key",
        "token",
    }
)


def redacted(value: object) -> object:
    """Return the value with every item under a secret's name replaced, at any depth."""
    if isinstance(value, Mapping):
        return {
            str(name): HIDDEN if str(name).lower() in SECRET_NAMES else redacted(item)
            for name, item in value.items()
        }
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray)):
        return [redacted(item) for item in value]
    return value
