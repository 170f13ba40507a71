"""How the call that the cursor is in is written, and which argument it is at."""

from dataclasses import dataclass

from ..catalogue import Catalogue
from .about import argument_text, call_of, doc_of, first_sentence, plain
from .place import place_at


@dataclass(frozen=True, slots=True)
class Signature:
    """A call's text, its arguments as parts of that text, and the one that is being written."""

    label: str
    doc: str
    arguments: tuple[tuple[str, str], ...]  # the words in the label, and what is said of each
    active: int | None


def signature_at(text: str, offset: int, catalogue: Catalogue) -> Signature | None:
    """Return the signature of the call around a place."""
    place = place_at(text, offset)
    found = call_of(place.call.name, catalogue) if place.call and not place.is_closed else None
    if place.call is None or found is None:
        return None
    name, shape, cls = found
    label = shape.call_text(name)
    shown = label[len(name) + 1 : -1].split(", ")
    if shape.variadic:
        # `x, y, ...` are one argument.
        shown = ["x, y, ...", *shown[3:]]
    said = [argument_text(cls, item) if cls else "" for item in shape.arguments]
    doc = first_sentence(doc_of(cls) if cls else plain(catalogue.macros[name].doc))
    if place.call.argument in shape.arguments:
        active: int | None = shape.arguments.index(place.call.argument)
    elif shape.variadic:
        active = 0
    else:
        active = place.call.index if place.call.index < len(shown) else None
    return Signature(label, doc, tuple(zip(shown, said, strict=True)), active)
