"""Bars in, dense panels out: the lake, its cards, its checks, and the market simulator."""

from .card import DatasetCard, Source, card_line
from .finding import Finding
from .lake import Lake

__all__ = ["DatasetCard", "Finding", "Lake", "Source", "card_line"]
