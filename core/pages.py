"""The pages on the language that come with the package, and the entries they are made of."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "docs"
LANGUAGE = "language"
ERRORS = "errors"
_HEADING = re.compile(r"^(#{2,3}) (.+)$", re.MULTILINE)
_ROW = re.compile(r"^\| (AF[0-9]{3}) \| (.+) \| (.+) \|$", re.MULTILINE)
_CODE = re.compile(r"AF[0-9]{3}")


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page: its heading, and what stands below it."""

    heading: str
    text: str
    level: int

    @property
    def anchor(self) -> str:
        """Return how a link to it ends, as renderers of Markdown make it."""
        kept = re.sub(r"[^a-z0-9 _-]", "", self.heading.lower())
        return kept.replace(" ", "-")


def path_of(name: str) -> Path:
    """Return where a page lies."""
    return FOLDER / f"{name}.md"


@cache
def page(name: str) -> str:
    """Return a page as Markdown."""
    return path_of(name).read_text(encoding="utf-8")


@cache
def sections(name: str) -> tuple[Section, ...]:
    """Return the parts of a page, in order."""
    text = page(name)
    found = list(_HEADING.finditer(text))
    ends = [*(match.start() for match in found[1:]), len(text)]
    return tuple(
        Section(match[2], text[match.end() : end].strip(), len(match[1]))
        for match, end in zip(found, ends, strict=True)
    )


@cache
def errors() -> dict[str, Section]:
    """Return what there is to say of each code; those of other parts are rows of a table."""
    found = {
        item.heading[:5]: Section(item.heading[7:], item.text, item.level)
        for item in sections(ERRORS)
        if _CODE.match(item.heading)
    }
    for code, what, move in _ROW.findall(page(ERRORS)):
        found.setdefault(code, Section(what, f"Next move: {move}.", 3))
    return found


def error_link(code: str) -> str:
    """Return the address of a code's entry on the page of codes."""
    section = next((item for item in sections(ERRORS) if item.heading.startswith(code)), None)
    link = path_of(ERRORS).as_uri()
    return f"{link}#{section.anchor}" if section else link
