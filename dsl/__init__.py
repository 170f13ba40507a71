"""The language: text to typed tree, canonical form and fingerprint; opens no file, no socket."""

from .catalogue import Catalogue, FieldInfo
from .compile import Compilation, compile_text
from .printer import expression_text
from .strategy import Strategy

__all__ = [
    "Catalogue",
    "Compilation",
    "FieldInfo",
    "Strategy",
    "compile_text",
    "expression_text",
]
