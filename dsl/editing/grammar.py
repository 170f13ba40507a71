"""How texts are coloured: a TextMate grammar and snippets, written from what the language knows."""

from collections.abc import Iterable

from ..catalogue import SHORTHANDS, Catalogue
from ..statement import specs
from .completion import STRATEGY

SCOPE = "source.alphaforge"
_NUMBER = r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"


def textmate_grammar(catalogue: Catalogue) -> dict[str, object]:
    """Return the grammar; rules are tried in order at each place of a line."""
    settings = {word for spec in specs().values() for word in spec.words}
    names = {
        "comments": _rule("comment.line.number-sign", r"#.*$"),
        "strings": {
            "name": f"string.quoted.double.{_LANGUAGE}",
            "begin": '"',
            "end": '"|$',
            "patterns": [_rule("constant.character.escape", r'\\["\\]')],
        },
        "strategy": {
            "match": r"^\s*(strategy)\s+([A-Za-z_][A-Za-z0-9_]*)",
            "captures": {
                "1": {"name": f"keyword.control.{_LANGUAGE}"},
                "2": {"name": f"entity.name.type.{_LANGUAGE}"},
            },
        },
        "definitions": {
            "match": rf"(?:^|(?<=[;{{]))\s*({_one_of(_defining())})\s+([A-Za-z_][A-Za-z0-9_]*)",
            "captures": {
                "1": {"name": f"keyword.control.{_LANGUAGE}"},
                "2": {"name": f"variable.other.definition.{_LANGUAGE}"},
            },
        },
        "statements": {
            # A statement's word is one only where a statement starts: `delay(x, 1)` is a call.
            "match": rf"(?:^|(?<=[;{{]))\s*({_one_of(specs())})\b(?!\s*[(=])",
            "captures": {"1": {"name": f"keyword.control.{_LANGUAGE}"}},
        },
        "dates": _rule("constant.numeric.date", r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b"),
        "durations": _rule("constant.numeric.duration", r"\b[0-9]{1,9}[smhdw]\b"),
        "shares": _rule("constant.numeric.share", rf"{_NUMBER}(?:%|bp\b)"),
        "numbers": _rule("constant.numeric", rf"(?<![A-Za-z_]){_NUMBER}(?:[eE][+-]?[0-9]+)?\b"),
        "marks": _rule("keyword.operator", r"\|>|\|\||&&|<=|>=|==|!=|\.\.|[-+*/^<>=?:]"),
        "logic": _rule("keyword.operator.logical", r"\b(?:and|or|not)\b"),
        "arguments": _rule("variable.parameter", r"\b[a-z_][a-z0-9_]*(?=\s*=(?!=)\s*[^=]*[,)])"),
        "operators": _rule("support.function", _words(_calls(catalogue), r"(?=\s*\()")),
        "piped": {
            "match": rf"(\|>)\s*({_one_of(_calls(catalogue))})\b",
            "captures": {
                "1": {"name": f"keyword.operator.pipe.{_LANGUAGE}"},
                "2": {"name": f"support.function.{_LANGUAGE}"},
            },
        },
        "fields": _rule("support.variable", _fields(catalogue)),
        "switches": _rule("constant.language", r"\b(?:on|off)\b"),
        "settings": _rule("keyword.other", _words(settings, r"(?!\s*\()")),
        "calls": _rule("entity.name.function", r"\b[A-Za-z_][A-Za-z0-9_]*(?=\s*\()"),
        "names": _rule("variable.other", r"\b[A-Za-z_][A-Za-z0-9_]*\b"),
    }
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "AlphaForge",
        "scopeName": SCOPE,
        "fileTypes": ["af"],
        "patterns": [{"include": f"#{name}"} for name in _ORDER],
        "repository": {name: names[name] for name in _ORDER},
    }


_LANGUAGE = "alphaforge"
_ORDER = (
    *("comments", "strings", "strategy", "definitions", "statements", "dates", "durations"),
    *("shares", "numbers", "piped", "marks", "logic", "arguments", "operators", "fields"),
    *("switches", "settings", "calls", "names"),
)


def snippets() -> dict[str, object]:
    """Return a snippet for a strategy and one for each statement."""
    found: dict[str, object] = {
        "strategy": {
            "prefix": "strategy",
            "body": STRATEGY.rstrip("\n").split("\n"),
            "description": "A whole strategy",
        }
    }
    for keyword, spec in specs().items():
        escaped = spec.form.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")
        found[keyword] = {"prefix": keyword, "body": [escaped], "description": spec.form}
    return found


def _rule(name: str, match: str) -> dict[str, object]:
    return {"name": f"{name}.{_LANGUAGE}", "match": match}


def _calls(catalogue: Catalogue) -> set[str]:
    return {*catalogue.operators, *catalogue.macros, *catalogue.aliases}


def _defining() -> list[str]:
    return [keyword for keyword, spec in specs().items() if spec.start == "definition"]


def _fields(catalogue: Catalogue) -> str:
    words = {*catalogue.fields, *SHORTHANDS}
    return rf"\b(?:[a-z][a-z0-9_]*\.)?(?:{_one_of(words)})\b(?!\s*[(=.])"


def _words(words: Iterable[str], behind: str) -> str:
    return rf"\b(?:{_one_of(words)})\b{behind}"


def _one_of(words: Iterable[str]) -> str:
    # The longest first: the engine takes the first that fits.
    return "|".join(sorted(words, key=lambda word: (-len(word), word)))
