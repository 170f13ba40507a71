"""How well a text answers words: rare words count more; the same whatever an index has seen."""

import math
import re
from collections.abc import Mapping

_WORD = re.compile(r"[a-z0-9]+")
_ENDINGS = ("ings", "ing", "ed", "s")
STEM_MIN = 3


def stems(text: str) -> list[str]:
    """Return a text's words without their commonest endings, each once, in order."""
    return list(dict.fromkeys(_stem(word) for word in _WORD.findall(text.lower())))


def shared(question: str, text: str) -> list[str]:
    """Return the question's words that the text has, as they were asked."""
    own = set(stems(text))
    asked = dict.fromkeys(_WORD.findall(question.lower()))
    return [word for word in asked if _stem(word) in own]


def scores(question: str, texts: Mapping[str, str]) -> dict[str, float]:
    """Score each text: the sum over the question's words that it has of how rare they are."""
    asked = stems(question)
    known = {key: set(stems(text)) for key, text in texts.items()}
    weights = {
        word: math.log1p(len(texts) / holders)
        for word in asked
        if (holders := sum(word in words for words in known.values()))
    }
    return {
        key: math.fsum(weights.get(word, 0.0) for word in asked if word in words)
        for key, words in known.items()
    }


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= STEM_MIN:
            return word.removesuffix(ending)
    return word
