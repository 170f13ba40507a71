"""Ids are names, not capabilities; whoever needs a fresh one asks the mint it was given."""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Protocol

HEX_DIGITS = 20


class Ids(Protocol):
    """Mint ids of the form ``prefix_hex``."""

    def mint(self, prefix: str) -> str:
        """Return an id that was never given before."""
        ...


class RandomIds:
    """Ids from the operating system's randomness."""

    def mint(self, prefix: str) -> str:
        """Return ``prefix_`` and 80 random bits."""
        return f"{prefix}_{secrets.token_hex(HEX_DIGITS // 2)}"


@dataclass(slots=True)
class CountedIds:
    """Ids that depend only on a seed and on how many were minted before: for replays and tests."""

    seed: str
    minted: int = 0

    def mint(self, prefix: str) -> str:
        """Return the next id of this seed."""
        self.minted += 1
        return derived_id(prefix, self.seed, str(self.minted))


def derived_id(prefix: str, *parts: str) -> str:
    """Return the id that these parts always give: equal content, equal id."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
    return f"{prefix}_{digest[:HEX_DIGITS]}"
