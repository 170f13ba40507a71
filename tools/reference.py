"""The pages on the language as things that can be looked up: cheat sheet, statements, codes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core.pages import LANGUAGE, errors, sections

if TYPE_CHECKING:
    from .lab import Lab

_STATEMENTS = "Statements"


def cheat_sheet_of(lab: "Lab") -> str:
    """Write the cheat sheet for the words that a home knows, its packs' included."""
    from ..dsl.cheatsheet import cheat_sheet
    from ..packs.origins import origins

    return cheat_sheet(lab.catalogue, origins(lab.packs))


def operator_page_of(lab: "Lab", name: str) -> str:
    """Return what there is to say of an operator, macro or field; nothing when there is none."""
    from ..dsl.editing.about import call_page, field_text

    info = lab.catalogue.fields.get(name)
    return field_text(info) if info is not None else call_page(name, lab.catalogue)


def statements() -> Iterator[tuple[str, str, str]]:
    """Give name, title and text of each part of the language's page."""
    for part in sections(LANGUAGE):
        if part.text and part.heading != _STATEMENTS:
            yield part.heading.lower(), f"The language: {part.heading}", part.text


def codes() -> Iterator[tuple[str, str, str]]:
    """Give name, title and text of each code."""
    for code, entry in sorted(errors().items()):
        yield code, entry.heading, entry.text
