"""The manual's pages on operators, macros and fields, written from what the catalogue knows."""

from collections.abc import Callable, Mapping

from . import rules
from .catalogue import Catalogue, FieldInfo
from .compile import compile_text
from .judge import MARKS
from .macro import Macro
from .nodes import Axis, Field, Node, Parameter
from .printer import quoted
from .rules import PRICE, PURE, QUANTITY, QUOTE, RATE, TIME, Unit
from .shape import Shape, shape_of

HEAD = """# Operators

Written by `make docs` from the operators themselves; a test compares. How formulas are put together
is in [language.md](language.md). Missing values come in as NaN and go out as NaN unless an operator
says otherwise, no infinity comes out, and windows are strict: `bars` bars, all of them there.
Operators that look across instruments see those of the universe that have a value, at one bar.
"""
UNITS: Mapping[Unit, str] = {
    PRICE: "price",
    PURE: "pure number",
    QUANTITY: "quantity",
    QUOTE: "quote currency",
    RATE: "rate",
    TIME: "time",
}
LOOKS = {
    Axis.ELEMENT: "at one cell of each input",
    Axis.TIME: "at one instrument's bars up to now",
    Axis.CROSS: "across the instruments of a bar",
}
_KINDS: Mapping[object, str] = {
    None: "numbers",
    rules.panel: "numbers",
    rules.boolean: "a yes or no",
    rules.group: "groups",
    rules.cross_section: "a cross-section: one number a bar",
    rules.chosen_kind: "what its branches are",
}
_UNIT_RULES: Mapping[object, str] = {
    None: "pure numbers",
    rules.pure: "pure numbers",
    rules.time: "a time, in bars",
    rules.pure_if_pure: "pure numbers of pure numbers; of anything else, of no known unit",
    rules.same_unit: "the unit that its inputs share",
    rules.chosen_unit: "the unit that its branches share",
    rules.product: "the product of its inputs' units",
    rules.quotient: "the quotient of its inputs' units",
    rules.root: "the root of its input's unit",
    rules.square: "the square of its input's unit",
}
# By what they are about, in the order of the page; the first in the order of ``_CHOICE`` that fits.
_FAMILIES: Mapping[str, Callable[[type[Node]], bool]] = {
    "Cell by cell": lambda cls: cls.axis is Axis.ELEMENT,
    "Logic and comparisons": lambda cls: cls.kind is rules.boolean or bool(cls.condition_inputs),
    "Along time": lambda cls: cls.axis is Axis.TIME,
    "Along time, with memory": lambda cls: cls.carries_state,
    "Across instruments": lambda cls: cls.axis is Axis.CROSS,
    "Groups": lambda cls: bool(cls.group_inputs) or cls.kind is rules.group,
}
_CHOICE = ("Along time, with memory", "Logic and comparisons", "Groups", *_FAMILIES)


def operator_page(catalogue: Catalogue, packs: Mapping[str, str]) -> str:
    """Write the page; ``packs`` says which pack an operator or field comes from."""
    parts = [HEAD]
    for title, found in sections(catalogue, packs).items():
        if found:
            parts.append(f"## {title}\n")
            parts += [_operator(catalogue, name) for name in found]
    parts.append(_MACROS)
    parts += [_macro(catalogue, catalogue.macros[name]) for name in sorted(catalogue.macros)]
    parts.append(_fields(catalogue, packs))
    return "\n".join(parts)


_MACROS = """## Macros

Operators that stand for a formula of others. They are written out before the canonical form, so a
formula that uses one and the formula written out are one formula with one fingerprint.
"""


def sections(catalogue: Catalogue, packs: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the operators by section, those of packs last."""
    titles = [*_FAMILIES, *sorted({f"Pack {pack}" for pack in packs.values()})]
    sections: dict[str, list[str]] = {title: [] for title in titles}
    for name, cls in sorted(catalogue.operators.items()):
        own = f"Pack {packs[name]}" if name in packs else ""
        sections[own or next(title for title in _CHOICE if _FAMILIES[title](cls))].append(name)
    return sections


def _operator(catalogue: Catalogue, name: str) -> str:
    cls = catalogue.operators[name]
    shape = shape_of(cls)
    lines = [
        f"### {name}\n",
        f"`{shape.call_text(name)}`\n",
        f"{_prose(cls.__doc__)}\n",
        f"- Looks {LOOKS[cls.axis]}.{_taken(cls, shape)}",
        f"- {gives(cls)}",
    ]
    also = sorted(word for word, meant in catalogue.aliases.items() if meant == name)
    if name in MARKS:
        lines.append(f"- Written `{MARKS[name]}`.")
    if also:
        lines.append(f"- Also known as {_listed(also)}.")
    return "\n".join([*lines, "", _example(catalogue, cls.example)])


def gives(cls: type[Node]) -> str:
    """Say what an operator gives, in which unit, and after how many bars."""
    return f"Gives {_kind(cls)}{_unit(cls)}. Warm-up: {_warmup(cls, shape_of(cls))}."


def _prose(doc: str | None) -> str:
    paragraphs = (doc or "").strip().split("\n\n")
    joined = "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
    return joined.replace("``", "`")


def _taken(cls: type[Node], shape: Shape) -> str:
    said = [f" `{name}` is groups." for name in shape.inputs if name in cls.group_inputs]
    said += [f" `{name}` is a yes or no." for name in sorted(cls.condition_inputs)]
    for name in shape.parameters:
        if shape.takes[name] is Parameter.WORD:
            words = _listed([quoted(word) for word in cls.words[name]])
            said.append(f" `{name}` is one of {words}.")
        elif name in cls.ranges:
            low, high = cls.ranges[name]
            said.append(f" `{name}` is from {low:g} to {high:g}.")
    return "".join(said)


def _kind(cls: type[Node]) -> str:
    return _KINDS.get(cls.kind, "what `x` is")


def _unit(cls: type[Node]) -> str:
    if cls.kind in {rules.boolean, rules.group}:
        return ""
    if cls.unit is rules.first_unit:
        return f", in the unit of `{shape_of(cls).inputs[0]}`"
    if cls.unit in _UNIT_RULES:
        return f": {_UNIT_RULES[cls.unit]}"
    # A rule made for one argument says which in its own words.
    return f", in {_prose(cls.unit.__doc__).removeprefix('Give ').rstrip('.')}"


def _warmup(cls: type[Node], shape: Shape) -> str:
    """Say the warm-up in terms of ``bars``: it is a straight line of it."""
    memory = "; it remembers all bars before" if cls.carries_state else ""
    return f"{_reach(cls, shape)}{memory}"


def _reach(cls: type[Node], shape: Shape) -> str:
    if "bars" not in shape.arguments:
        bars = _sample(cls, shape, 1).warmup_bars()
        return f"{bars} bars" if bars else "none"
    first, second = (_sample(cls, shape, bars).warmup_bars() for bars in (100, 101))
    slope = second - first
    rest = first - slope * 100
    term = "`bars`" if slope == 1 else f"{slope} * `bars`"
    if not slope:
        return f"{rest} bars" if rest else "none"
    return term if not rest else f"{term} {'-' if rest < 0 else '+'} {abs(rest)}"


def _sample(cls: type[Node], shape: Shape, bars: int) -> Node:
    """Make a node whose inputs do not matter."""
    values: dict[str, object] = {**dict.fromkeys(shape.inputs, Field("close")), **shape.defaults}
    for name in shape.parameters:
        low = cls.ranges.get(name, (1.0, 1.0))[0]
        values.setdefault(name, low if shape.takes[name] is Parameter.NUMBER else int(low))
    if "bars" in shape.arguments:
        values["bars"] = bars
    if shape.variadic:
        values[shape.variadic] = (Field("close"), Field("close"))
    return cls(**values)


def _macro(catalogue: Catalogue, macro: Macro) -> str:
    lines = [
        f"### {macro.name}\n",
        f"`{macro.shape.call_text(macro.name)}` stands for `{macro.formula}`\n",
        f"{_prose(macro.doc)}\n",
    ]
    return "\n".join([*lines, _example(catalogue, macro.example)])


def _example(catalogue: Catalogue, example: str) -> str:
    compilation = compile_text(example, catalogue)
    assert compilation.is_ok, example
    warned = [f"`{item.code}`" for item in compilation.diagnostics]
    facts = [
        f"warm-up {compilation.warmup_bars} bars of an hour",
        f"reads {_listed(compilation.inputs)}",
        *([f"warns {', '.join(warned)}"] if warned else []),
    ]
    return f"```af\n{example}\n```\n\ncompiles to `{compilation.canonical}`; {'; '.join(facts)}.\n"


def _listed(words: "list[str] | tuple[str, ...]") -> str:
    return ", ".join(f"`{word}`" for word in words)


def _fields(catalogue: Catalogue, packs: Mapping[str, str]) -> str:
    rows = [_field(info, packs) for info in catalogue.fields.values()]
    return "\n".join(["## Fields\n", "| field | unit | what |", "|---|---|---|", *rows, ""])


def _field(info: FieldInfo, packs: Mapping[str, str]) -> str:
    unit = "groups" if info.kind is rules.Kind.GROUP else UNITS.get(info.unit, str(info.unit))
    said = [info.doc]
    if info.lag_bars:
        said.append(f"public {info.lag_bars} bars after its own")
    if info.derived_from:
        said.append(f"computed from {_listed(info.derived_from)} where a data set lacks it")
    if info.name in packs:
        said.append(f"of the pack `{packs[info.name]}`")
    return f"| `{info.name}` | {unit} | {'; '.join(said)} |"
