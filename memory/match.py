"""What an index answers: an id, and how well it fits."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Match:
    """A record that answers a question; a higher score fits better."""

    id: str
    score: float


def best_first(matches: Iterable[Match]) -> list[Match]:
    """Order matches, one an id; ties go by id, because no index promises their order."""
    best: dict[str, Match] = {}
    for match in matches:
        if match.id not in best or match.score > best[match.id].score:
            best[match.id] = match
    return sorted(best.values(), key=lambda match: (-match.score, match.id))
