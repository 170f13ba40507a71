"""What can be found by name or word besides experiments: operators, fields, data sets, texts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.nearest import nearest
from .guide import TOPICS

if TYPE_CHECKING:
    from ..dsl.nodes import Node
    from .lab import Lab


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing there is: its name, one line about it, all there is to say, its other names."""

    name: str
    title: str
    text: str
    others: tuple[str, ...] = ()


def operators(lab: "Lab") -> list[Entry]:
    """List operators and macros and, after them, the fields that they work on."""
    catalogue = lab.catalogue
    aliases: dict[str, list[str]] = {}
    for word, meant in catalogue.aliases.items():
        aliases.setdefault(meant, []).append(word)
    found = [
        _operator(name, member, sorted(aliases.get(name, [])))
        for name, member in sorted(catalogue.operators.items())
    ]
    found += [
        Entry(
            name=name,
            title=member.shape.call_text(name),
            text=f"{member.doc} It stands for `{member.formula}`.",
        )
        for name, member in sorted(catalogue.macros.items())
    ]
    return found + [
        Entry(
            name=info.name,
            title=f"field {info.name}: {info.doc}",
            text=f"lag {info.lag_bars} bars" if info.lag_bars else "",
        )
        for info in sorted(catalogue.fields.values(), key=lambda info: info.name)
    ]


def _operator(name: str, member: "type[Node]", aliases: list[str]) -> Entry:
    from ..dsl.habits import elsewhere
    from ..dsl.shape import shape_of

    words = " ".join((member.__doc__ or "").split())
    also = f" Also known as {', '.join(aliases)}." if aliases else ""
    title = shape_of(member).call_text(name)
    return Entry(name, title, words + also, others=(*aliases, *elsewhere(name)))


def datasets(lab: "Lab") -> list[Entry]:
    """List the data sets of the lake."""
    from ..data.card import card_line

    return [
        Entry(
            name=card.name,
            title=card_line(card),
            text=f"fields {', '.join(card.fields)}; symbols {', '.join(card.symbols)}"
            + (f"; notes: {'; '.join(card.notes)}" if card.notes else ""),
        )
        for card in lab.lake.cards()
    ]


def templates(lab: "Lab") -> list[Entry]:
    """List the strategy texts that packs ship."""
    return [
        Entry(name=name, title=f"template of the pack {item.pack}", text=item.text)
        for name, item in sorted(lab.packs.templates().items())
    ]


def docs(lab: "Lab") -> list[Entry]:
    """List the topics of the guide, then the pages on the language, then the codes."""
    from .reference import cheat_sheet_of, codes, statements

    found = [Entry(name=topic.name, title=topic.title, text=topic.text) for topic in TOPICS]
    sheet = Entry("cheatsheet", "The whole language on one page", cheat_sheet_of(lab))
    return [
        sheet,
        *found,
        *(Entry(name, title, text) for name, title, text in (*statements(), *codes())),
    ]


SOURCES: "dict[str, Callable[[Lab], list[Entry]]]" = {
    "operators": operators,
    "datasets": datasets,
    "docs": docs,
    "templates": templates,
}


def ranked(entries: Iterable[Entry], text: str) -> list[tuple[Entry, str]]:
    """Order entries by how well they answer the words, each with its reason; no words: all."""
    listed = list(entries)
    words = text.lower().split()
    if not words:
        return [(entry, "listed") for entry in listed]
    scored = [(_score(entry, words), entry) for entry in listed]
    hits = sorted(
        ((score, entry) for score, entry in scored if score > 0), key=lambda item: -item[0]
    )
    if hits:
        return [(entry, _reason(entry, words)) for _score_, entry in hits]
    meant = nearest(words[0], (entry.name for entry in listed))
    return [(entry, "nearest name") for entry in listed if entry.name == meant]


def _score(entry: Entry, words: list[str]) -> int:
    name, title, text = entry.name.lower(), entry.title.lower(), entry.text.lower()
    score = 0
    for word in words:
        if word == name:
            score += 8
        elif word in entry.others:
            score += 6
        elif word in name:
            score += 4
        elif word in title:
            score += 2
        elif word in text:
            score += 1
    return score


def _reason(entry: Entry, words: list[str]) -> str:
    name, title = entry.name.lower(), entry.title.lower()
    if name in words:
        return "name"
    if any(word in entry.others for word in words):
        return "another name"
    if any(word in name for word in words):
        return "part of the name"
    return "title" if any(word in title for word in words) else "text"
