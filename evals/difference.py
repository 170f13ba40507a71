"""Where a replayed answer differs from the recorded one, path by path, chance left out.

1. Instants are chance: two of them are equal.
2. Ids that are minted, and those made of a plan that holds instants, are chance too, but not how
   they recur: one recorded id must always meet the same replayed one.
3. Everything else, ids made of content included, must be equal.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|\+00:00)?")
ID = re.compile(r"\b([a-z]{2,8})_[0-9a-f]{20}\b")
# Ids made of nothing but content; these must be equal.
CONTENT_PREFIXES = frozenset({"run", "exp"})
# Fields that hold a hash over instants.
HASH_FIELDS = frozenset({"plan_hash"})
NOTHING = "(nothing)"

# Path, recorded value, replayed value.
Found = tuple[str, object, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the replay said something else."""

    number: int
    tool: str
    path: str
    recorded: object
    replayed: object


@dataclass(slots=True)
class Pairing:
    """Which replayed id stands for which recorded one; grows as answers are compared."""

    forward: dict[str, str] = field(default_factory=dict)
    backward: dict[str, str] = field(default_factory=dict)

    def pair(self, recorded: str, replayed: str) -> bool:
        """Tie two ids, or say that one of them is tied to another already."""
        first = self.forward.setdefault(recorded, replayed)
        second = self.backward.setdefault(replayed, recorded)
        return first == replayed and second == recorded

    def translated(self, value: Any) -> Any:  # noqa: ANN401  # JSON has no narrower Python type.
        """Put replayed ids in the place of recorded ones, for the arguments of a later call."""
        if isinstance(value, str):
            return ID.sub(lambda match: self.forward.get(match[0], match[0]), value)
        if isinstance(value, dict):
            return {key: self.translated(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.translated(item) for item in value]
        return value


def differences(
    recorded: Any,  # noqa: ANN401
    replayed: Any,  # noqa: ANN401
    pairing: Pairing,
    path: str = "",
) -> Iterator[Found]:
    """Yield path, recorded and replayed value wherever two JSON values differ."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        yield from _of_objects(recorded, replayed, pairing, path)
    elif isinstance(recorded, list) and isinstance(replayed, list):
        yield from _of_lists(recorded, replayed, pairing, path)
    elif isinstance(recorded, str) and isinstance(replayed, str):
        if not _same_text(recorded, replayed, pairing, path.rpartition(".")[2]):
            yield path, recorded, replayed
    elif type(recorded) is not type(replayed) or recorded != replayed:
        yield path, recorded, replayed


def _of_objects(
    recorded: dict[str, Any], replayed: dict[str, Any], pairing: Pairing, path: str
) -> Iterator[Found]:
    for key in sorted(recorded.keys() | replayed.keys()):
        below = f"{path}.{key}" if path else key
        if key not in recorded:
            yield below, NOTHING, replayed[key]
        elif key not in replayed:
            yield below, recorded[key], NOTHING
        else:
            yield from differences(recorded[key], replayed[key], pairing, below)


def _of_lists(
    recorded: list[Any], replayed: list[Any], pairing: Pairing, path: str
) -> Iterator[Found]:
    if len(recorded) != len(replayed):
        yield f"{path}.length", len(recorded), len(replayed)
    for index, (old, new) in enumerate(zip(recorded, replayed, strict=False)):
        yield from differences(old, new, pairing, f"{path}[{index}]")


def _same_text(recorded: str, replayed: str, pairing: Pairing, name: str) -> bool:
    if name in HASH_FIELDS:
        return pairing.pair(recorded, replayed)
    old_ids, new_ids = list(ID.finditer(recorded)), list(ID.finditer(replayed))
    if len(old_ids) != len(new_ids):
        return False
    for old, new in zip(old_ids, new_ids, strict=True):
        if old[1] != new[1] or not pairing.pair(old[0], new[0]):
            return False
        if old[1] in CONTENT_PREFIXES and old[0] != new[0]:
            return False
    return _without_chance(recorded) == _without_chance(replayed)


def _without_chance(text: str) -> str:
    return ID.sub(r"\1", INSTANT.sub("(instant)", text))
