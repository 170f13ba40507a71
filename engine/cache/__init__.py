"""Values of sub-expressions, kept in memory and on disk for whoever asks for them next."""

from .store import Cache, empty, facts_of

__all__ = ["Cache", "empty", "facts_of"]
