"""All that the built-in packs and the language know, and which pack each name is from."""

from ..dsl.catalogue import Catalogue
from .pack import PackSet
from .registry import extend, find_packs


def known() -> tuple[Catalogue, dict[str, str]]:
    """Return the extended catalogue, and the pack of each operator and field that a pack brings."""
    catalogue, packs = extend(Catalogue.builtin(), find_packs())
    return catalogue, origins(packs)


def origins(packs: PackSet) -> dict[str, str]:
    """Return the pack of each operator, macro and field that some packs bring."""
    return {
        name: item.pack.name
        for item in packs.loaded
        for name in [*item.operators, *item.macros, *(info.name for info in item.pack.fields)]
    }
