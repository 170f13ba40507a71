"""The variants of a text: one for each choice of its parameters' values."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a text: what it may be, each as it is written, and what it is."""

    name: str
    values: tuple[str, ...]
    chosen: str


def variant_count(params: Sequence[Param]) -> int:
    """Count the variants; a text without parameters is one."""
    return prod(len(param.values) for param in params)


def variants(params: Sequence[Param]) -> Iterator[dict[str, str]]:
    """Visit every choice of values by name, the last parameter turning fastest."""
    names = [param.name for param in params]
    for values in product(*(param.values for param in params)):
        yield dict(zip(names, values, strict=True))
