"""Capability packs: the operators, fields and templates of one market each."""

from .pack import LoadedPack, Pack, PackSet, RefusedPack, Template
from .registry import extend, find_packs

__all__ = [
    "LoadedPack",
    "Pack",
    "PackSet",
    "RefusedPack",
    "Template",
    "extend",
    "find_packs",
]
