"""What several test files share."""

import os
from pathlib import Path

import pytest

from alphaforge.server.settings import read_settings

REPO = Path(__file__).resolve().parent.parent
# The kernels that `make setup` compiled: tests and people share them.
KERNEL_CACHE = read_settings().kernel_cache


def shared_data() -> Path | None:
    """Find the real market data: the folder the environment names, or a sibling of the checkout."""
    named = os.environ.get("ALPHAFORGE_SHARED_DATA", "")  # noqa: TID251  # Tests may look around.
    places = [Path(named)] if named else []
    places.append(REPO.parent / "shared" / "data")
    return next((place for place in places if (place / "open").is_dir()), None)


def real_file(name: str) -> Path:
    """Return a file of the real data, or skip the test and say so."""
    root = shared_data()
    if root is None or not (root / name).exists():
        pytest.skip(f"REAL DATA ABSENT: {name} (set ALPHAFORGE_SHARED_DATA)")
    return root / name
