"""Scorecards on disk, one JSON file a snapshot: what the last check of it said."""

import json
import os
from pathlib import Path

from ...core.files import write_whole
from ..names import require_name
from .scorecard import Scorecard, scorecard_from

_BYTES_MAX = 16 * 1024 * 1024


def put(lake: Path, card: Scorecard) -> None:
    """Replace the scorecard of a snapshot: readers see the old one or the new one."""
    folder = lake / "scorecards" / require_name(card.name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = json.dumps(card.data(), ensure_ascii=False, sort_keys=True, indent=1)
    write_whole(folder / f"{card.snapshot}.json", text.encode())


def find(lake: Path, name: str, snapshot: str) -> Scorecard | None:
    """Return what the last check of a snapshot said; None: never checked, or unreadable."""
    path = lake / "scorecards" / require_name(name) / f"{snapshot}.json"
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    with os.fdopen(file, "rb") as stream:
        try:
            card = scorecard_from(json.loads(stream.read(_BYTES_MAX)))
        except (ValueError, KeyError, TypeError):
            return None
    return card if (card.name, card.snapshot) == (name, snapshot) else None
