"""What can be written at a place: statements, words, names, fields, operators, arguments."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ...core.diagnostics import Span
from ..arguments import TIMED
from ..catalogue import SHORTHANDS, Catalogue
from ..nodes import Parameter
from ..rules import Kind
from ..shape import Shape
from ..statement import specs
from .about import call_of, call_page, field_text, statement_line, statement_text, unit_text
from .hover import named_text
from .place import CallPlace, Place, place_at
from .survey import Survey

_SWITCHES = {"funding"}
STRATEGY = """\
strategy ${1:name} {
  data      ${2:perps_1h} bar 1h
  signal    ${3:rank(returns)}
}
"""


class Sort(StrEnum):
    """What an item is; items are offered in this order."""

    ARGUMENT = "argument"
    WORD = "word"
    NAME = "name"
    FIELD = "field"
    OPERATOR = "operator"
    MACRO = "macro"
    ALIAS = "alias"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that can be written; ``snippet`` has places to fill in."""

    label: str
    sort: Sort
    detail: str = ""
    snippet: str = ""

    @property
    def text(self) -> str:
        """Return what is written where no snippet can be."""
        return f"{self.label}=" if self.sort is Sort.ARGUMENT else self.label


@dataclass(frozen=True, slots=True)
class Offer:
    """The items for a place, and the word that they take the place of."""

    word: Span
    items: tuple[Item, ...] = ()


def offer_at(known: Survey, offset: int, catalogue: Catalogue) -> Offer:
    """Return what can be written at a place."""
    place = place_at(known.text, offset)
    items = () if place.is_closed else tuple(_items(place, known, offset, catalogue))
    return Offer(place.word, items)


def item_text(label: str, sort: Sort, known: Survey | None, catalogue: Catalogue) -> str:
    """Return the page of an item that was offered."""
    if sort is Sort.STATEMENT and label in specs():
        return statement_text(specs()[label])
    if sort is Sort.FIELD and label.rpartition(".")[2] in catalogue.fields:
        return field_text(catalogue.fields[label.rpartition(".")[2]], label)
    if sort is Sort.NAME and known is not None:
        defined = known.definition_of(label)
        return named_text(known, defined) if defined else ""
    return call_page(label, catalogue)


def _items(place: Place, known: Survey, offset: int, catalogue: Catalogue) -> Iterator[Item]:
    if place.is_statement_start and place.is_strategy:
        yield from _statements()
        return
    if place.is_statement_start:
        yield Item("strategy", Sort.STATEMENT, "a whole strategy", STRATEGY)
    if place.call is not None:
        yield from _arguments(place.call, place.before, catalogue)
    yield from _words(place, catalogue)
    if place.takes_formula:
        if not place.is_piped:
            yield from _values(known, offset, catalogue)
        is_bare = known.text.startswith("(", _word_end(known.text, offset))
        yield from _calls(catalogue, is_piped=place.is_piped, is_bare=is_bare)


def _words(place: Place, catalogue: Catalogue) -> Iterator[Item]:
    if place.keyword == "use":
        for name, version in catalogue.packs.items():
            yield Item(name, Sort.WORD, f"pack {version}")
    elif place.takes_words:
        words = ("on", "off") if place.before in _SWITCHES else sorted(specs()[place.keyword].words)
        for word in words:
            yield Item(word, Sort.WORD, f"a word of {place.keyword}")


def _word_end(text: str, offset: int) -> int:
    while offset < len(text) and (text[offset].isalnum() or text[offset] in "_."):
        offset += 1
    return offset


def _statements() -> Iterator[Item]:
    for keyword, spec in specs().items():
        _, _, rest = spec.form.partition(" ")
        snippet = f"{keyword} ${{1:{_escaped(rest)}}}"
        yield Item(keyword, Sort.STATEMENT, statement_line(keyword), snippet)


def _arguments(call: CallPlace, before: str, catalogue: Catalogue) -> Iterator[Item]:
    found = call_of(call.name, catalogue)
    if found is None:
        return
    _, shape, cls = found
    name = call.argument or _argument_at(shape, call.index)
    if cls is not None and name in cls.words:
        yield from (Item(f'"{word}"', Sort.WORD, name) for word in cls.words[name])
    if before not in {",", "("}:
        return
    passed = 0 if shape.variadic else call.index
    for argument in shape.arguments[passed:]:
        if argument not in call.named and argument != shape.variadic:
            yield Item(argument, Sort.ARGUMENT, f"argument of {call.name}", f"{argument}=$1")


def _argument_at(shape: Shape, index: int) -> str:
    if shape.variadic or index >= len(shape.arguments):
        return ""
    return shape.arguments[index]


def _values(known: Survey, offset: int, catalogue: Catalogue) -> Iterator[Item]:
    for defined in known.statements:
        is_here = defined.span.start <= offset <= defined.span.end
        if defined.defines and not is_here:
            yield Item(defined.defines, Sort.NAME, known.written(defined.span)[:120])
    for info in catalogue.fields.values():
        unit = "groups" if info.kind is Kind.GROUP else unit_text(info.unit)
        yield Item(info.name, Sort.FIELD, f"{unit}: {info.doc}")
        yield from (
            Item(f"{alias}.{info.name}", Sort.FIELD, f"{unit}, of the data set {alias}")
            for alias in known.feeds
        )
    for word, field in SHORTHANDS.items():
        if word in catalogue.operators:
            yield Item(word, Sort.FIELD, f"short for {word}({field})")


def _calls(catalogue: Catalogue, *, is_piped: bool, is_bare: bool) -> Iterator[Item]:
    named = (
        *((name, Sort.OPERATOR) for name in catalogue.operators),
        *((name, Sort.MACRO) for name in catalogue.macros),
        *((name, Sort.ALIAS) for name in catalogue.aliases),
    )
    for name, sort in named:
        found = call_of(name, catalogue)
        if found is None:
            continue
        own, shape, _ = found
        snippet = "" if is_bare else call_snippet(name, shape, is_piped=is_piped)
        yield Item(name, sort, shape.call_text(own), snippet)


def call_snippet(name: str, shape: Shape, *, is_piped: bool = False) -> str:
    """Write a call with a place to fill in for each argument that it needs."""
    words: list[str] = []
    for argument in shape.required:
        takes = shape.takes[argument]
        if takes is Parameter.NODES:
            words += ["x", "y"]
        else:
            words.append("24h" if argument in TIMED else argument)
    rest = words[1:] if is_piped else words
    if is_piped and not rest:
        return name
    places = ", ".join(f"${{{number}:{word}}}" for number, word in enumerate(rest, 1))
    return f"{name}({places})"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
