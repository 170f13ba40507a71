"""What there is to say of a word of the language: Markdown for hovers and pages."""

import sys

from ..arguments import TIMED
from ..catalogue import SHORTHANDS, Catalogue, FieldInfo
from ..macro import Macro
from ..manual import LOOKS, UNITS, gives
from ..nodes import Node, Parameter
from ..rules import Kind, Unit
from ..shape import Shape, shape_of
from ..statement import Spec, specs

_TAKES = {
    Parameter.NODE: "a value",
    Parameter.NODES: "two or more values",
    Parameter.BARS: "a whole number",
    Parameter.NUMBER: "a number",
    Parameter.WORD: "a word in quotes",
}


def unit_text(unit: Unit | None) -> str:
    """Say a unit; nothing is one that is unknown or mixed."""
    if unit is None:
        return "none: it is mixed or unknown"
    return UNITS.get(unit, f"quote^{unit.quote} base^{unit.base} time^{unit.time}")


def doc_of(cls: type[Node]) -> str:
    """Return what an operator does, line ends and indents made blanks."""
    return plain(cls.__doc__ or "")


def plain(doc: str) -> str:
    """Return a docstring as one line of Markdown."""
    return " ".join(doc.split()).replace("``", "`")


def first_sentence(text: str) -> str:
    """Return the first sentence of a text."""
    return text.partition(". ")[0].rstrip(".") + "."


def operator_text(cls: type[Node], catalogue: Catalogue) -> str:
    """Say all there is to say of an operator."""
    shape = shape_of(cls)
    aliases = sorted(word for word, meant in catalogue.aliases.items() if meant == cls.name)
    field = SHORTHANDS.get(cls.name)
    lines = [
        _code(shape.call_text(cls.name)),
        doc_of(cls),
        "",
        *arguments(cls),
        f"- looks {LOOKS[cls.axis]}",
        f"- {gives(cls)}",
    ]
    lines += [f"- also written `{'`, `'.join(aliases)}`"] if aliases else []
    lines += [f"- alone, `{cls.name}` is `{cls.name}({field})`"] if field else []
    lines += ["", f"Example: `{cls.example}`"] if cls.example else []
    return "\n".join(lines)


def macro_text(macro: Macro) -> str:
    """Say all there is to say of a macro."""
    return "\n".join(
        [
            _code(macro.shape.call_text(macro.name)),
            plain(macro.doc),
            "",
            f"- a macro: it stands for `{macro.formula}`",
            "",
            f"Example: `{macro.example}`",
        ]
    )


def field_text(info: FieldInfo, name: str = "") -> str:
    """Say all there is to say of a field."""
    unit = "groups" if info.kind is Kind.GROUP else unit_text(info.unit)
    lines = [_code(f"{name or info.name}: {unit}"), f"A field: {info.doc}."]
    if info.lag_bars:
        said = f"delay({info.name}, {info.lag_bars})"
        lines.append(f"- published {info.lag_bars} bars late: write at least `{said}`")
    if info.derived_from:
        columns = "`, `".join(info.derived_from)
        lines.append(f"- where a data set lacks it, it is made of `{columns}`")
    return "\n".join(lines)


def statement_text(spec: Spec) -> str:
    """Say how a statement is written."""
    lines = [_code(spec.form), _about_statement(spec)]
    if spec.words:
        lines.append(f"- its words: `{'`, `'.join(sorted(spec.words))}`")
    lines.append("- may be said several times" if spec.may_repeat else "- said once")
    return "\n".join(lines)


def statement_line(keyword: str) -> str:
    """Say what a statement is for, in one line."""
    return first_sentence(_about_statement(specs()[keyword]))


_DEFINING = {
    "let": "Names a value or a constant, for use in other formulas.",
    "factor": "Names a value that reports show by itself.",
    "feature": "Names a value that has a fingerprint of its own, so that others can use it.",
    "param": "Names a constant and the values that it is tried with: each one is a run.",
    "signal": "One formula: higher is better to hold. Only this statement is needed.",
}


def _about_statement(spec: Spec) -> str:
    if spec.keyword in _DEFINING:
        return _DEFINING[spec.keyword]
    # A statement's file begins with how it is written and what it is for.
    module = sys.modules[spec.read.__module__] if spec.read else None
    return plain((module.__doc__ or "").partition("\n\n")[0]) if module else ""


def call_of(name: str, catalogue: Catalogue) -> tuple[str, Shape, type[Node] | None] | None:
    """Return an operator's or macro's own name, its shape and its class, by any of its names."""
    meant = catalogue.aliases.get(name, name)
    cls = catalogue.operators.get(meant)
    if cls is not None:
        return meant, shape_of(cls), cls
    macro = catalogue.macros.get(meant)
    return None if macro is None else (meant, macro.shape, None)


def call_page(name: str, catalogue: Catalogue) -> str:
    """Return what there is to say of an operator or macro; nothing when there is none."""
    found = call_of(name, catalogue)
    if found is None:
        return ""
    own, _, cls = found
    return operator_text(cls, catalogue) if cls else macro_text(catalogue.macros[own])


def arguments(cls: type[Node]) -> list[str]:
    """Say what each argument of an operator may be, one line each."""
    return [f"- `{name}`: {argument_text(cls, name)}" for name in shape_of(cls).arguments]


def argument_text(cls: type[Node], name: str) -> str:
    """Say what an argument may be, in one line."""
    shape = shape_of(cls)
    said = "groups" if name in cls.group_inputs else _TAKES[shape.takes[name]]
    if name in TIMED and shape.takes[name] is Parameter.BARS:
        said = "a duration such as `24h`, or a count of bars"
    if name in cls.words:
        said = "one of " + ", ".join(f'`"{word}"`' for word in cls.words[name])
    if name in cls.ranges:
        low, high = cls.ranges[name]
        said += f", from {low:g} to {high:g}"
    if name in shape.defaults:
        default = shape.defaults[name]
        said += f"; `{default}` by default" if default != "" else "; may be left out"
    return said


def _code(text: str) -> str:
    return f"```alphaforge\n{text}\n```"
