"""Text to tokens: characters, literals and ceilings are judged here, in time linear in the text."""

import re
from collections.abc import Callable, Mapping
from typing import ClassVar, NamedTuple

from ..core.diagnostics import Fix, Span, echo
from . import limits
from .characters import report_characters
from .faults import Faults
from .literals import literal_type, meant_by

OPERATORS = {
    "|>": "PIPE",
    "||": "OR",
    "&&": "AND",
    "**": "STARS",
    "//": "SLASHES",
    "<=": "LE",
    ">=": "GE",
    "==": "EQ",
    "!=": "NE",
    "..": "DOTS",
    "<": "LT",
    ">": "GT",
    "=": "ASSIGN",
    "+": "PLUS",
    "-": "MINUS",
    "*": "STAR",
    "/": "SLASH",
    "^": "CARET",
    "?": "QUESTION",
    ":": "COLON",
    ",": "COMMA",
    "(": "LPAR",
    ")": "RPAR",
    "{": "LBRACE",
    "}": "RBRACE",
    ";": "SEMI",
    "[": "LBRACK",
    "]": "RBRACK",
}
_BRACKETS = {"LPAR", "RPAR"}
WORDS = {"and": "AND", "or": "OR", "not": "NOT"}
_TOKEN = re.compile(
    r"""[ \t\r]*(?:
      (?P<newline>\n)
    | (?P<comment>\#[^\n]*)
    | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)
    | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}(?![A-Za-z0-9_]))
    | (?P<number>\.?[0-9](?:[eE][+-](?=[0-9])|[A-Za-z0-9_]|\.(?!\.))*%?)
    | (?P<string>"(?:[^"\\\n]|\\["\\])*")
    | (?P<operator>\|>|\|\||&&|\*\*|//|<=|>=|==|!=|\.\.|[-<>=+*/^?:,(){};\[\]])
    | (?P<end>\Z)
    | (?P<foreign>[^ \t\r]))
    """,
    re.VERBOSE,
)
_END_OF_VALUE = re.compile(r"[ \t\r]*(?:[),;}\n#]|\Z)")
_SINGLE_QUOTED = re.compile(r"'([A-Za-z0-9_.: -]{1,80})'")
_ESCAPE = re.compile(r"\\(.)")
# What other languages write, what it is called here, and the mark that mends it.
_FOREIGN = {
    "!": ("write `not x`", "not "),
    "~": ("write `not x`", "not "),
    "$": ("a field is named without `$`: `close`; Qlib's texts take `--dialect qlib`", ""),
    "%": ("a percent sign stands right behind its number: `20%`", None),
    "&": ("write `and`", " and "),
    "|": ("write `or`; a pipe is `|>`", " or "),
    "'": ("a string stands in double quotes", '"'),
    ".": ("a value is an argument, not an owner: `ts_mean(close, 24h)`", None),
    "\\": ("no mark is needed to go on: a line that ends with an operator or a comma does", ""),
}
# Read in its place, so that the rest of the formula is judged as well.
_STANDS_FOR = {"!": "NOT", "~": "NOT", "%": "STAR", "&": "AND", "|": "OR", ".": "PIPE"}


class Token(NamedTuple):
    """A word, literal or mark of the text; ``type`` is the grammar's terminal."""

    type: str
    text: str
    start: int
    end: int
    is_on_new_line: bool = False

    @property
    def span(self) -> Span:
        """Return where the token stands."""
        return Span(self.start, self.end)


def tokenize(text: str, faults: Faults) -> list[Token]:
    """Cut a text into tokens; past a ceiling, report it and return nothing."""
    if len(text) > limits.SOURCE_BYTES_MAX or (
        len(text.encode("utf-8", "surrogatepass")) > limits.SOURCE_BYTES_MAX
    ):
        faults.error(
            "AF120",
            f"the text is over {limits.SOURCE_BYTES_MAX} bytes",
            Span(0, min(len(text), 1)),
            help="one strategy is one file; keep several in several files",
        )
        return []
    if not report_characters(text, faults):
        return []
    return _Lexer(text, faults).run()


class _Lexer:
    """One run over one text."""

    def __init__(self, text: str, faults: Faults) -> None:
        self.text = text
        self.faults = faults
        self.tokens: list[Token] = []
        self.nesting = 0
        self.is_over = False  # a ceiling is passed
        self.is_on_new_line = True

    def run(self) -> list[Token]:
        """Cut until the end, or until a ceiling."""
        at: int | None = 0
        while at is not None:
            at = self._run(at)
            if self.is_over:
                return []
        self.faults.is_guessing = self.faults.has_errors
        return self.tokens

    def _run(self, at: int) -> int | None:
        """Cut from a place; return where to go on behind what starts no token."""
        for match in _TOKEN.finditer(self.text, at):
            kind = str(match.lastgroup)
            if kind == "newline":
                self.is_on_new_line = True
            elif kind == "foreign":
                return self._foreign(match.start(kind))
            elif kind == "end" or not (kind == "comment" or self._add(kind, match)):
                break
        return None

    def _add(self, kind: str, match: "re.Match[str]") -> bool:
        text = match[kind]
        start, end = match.span(kind)
        if len(self.tokens) == limits.TOKENS_MAX:
            return self._too_many(Span(start, end))
        if kind == "name" and len(text) <= limits.NAME_CHARS_MAX:
            type_ = WORDS.get(text, "NAME")
        elif kind == "operator":
            type_ = OPERATORS[text]
            if type_ in _BRACKETS and not self._count_nesting(type_, Span(start, end)):
                return False
        else:
            type_, text = self._READERS[kind](self, text, Span(start, end))
        self.tokens.append(Token(type_, text, start, end, self.is_on_new_line))
        self.is_on_new_line = False
        return True

    def _too_many(self, span: Span) -> bool:
        self.is_over = True
        self.faults.error(
            "AF121",
            f"the text has over {limits.TOKENS_MAX} words and marks",
            span,
            help="name repeated parts with `let`",
        )
        return False

    def _count_nesting(self, type_: str, span: Span) -> bool:
        if type_ == "LPAR":
            self.nesting += 1
        elif type_ == "RPAR":
            self.nesting = max(0, self.nesting - 1)
        if self.nesting <= limits.NESTING_MAX:
            return True
        self.is_over = True
        self.faults.error(
            "AF122",
            f"brackets are nested over {limits.NESTING_MAX} deep",
            span,
            help="name inner parts with `let`",
        )
        return False

    def _long_name(self, text: str, span: Span) -> tuple[str, str]:
        self.faults.error(
            "AF128",
            f"the name `{echo(text)}` is over {limits.NAME_CHARS_MAX} characters",
            span,
            help="choose a shorter name",
        )
        return "NAME", text[: limits.NAME_CHARS_MAX]

    def _string(self, text: str, span: Span) -> tuple[str, str]:
        inner = _ESCAPE.sub(r"\1", text[1:-1])
        if len(inner) > limits.STRING_CHARS_MAX:
            self.faults.error(
                "AF126",
                f"the string is over {limits.STRING_CHARS_MAX} characters",
                span,
                help="say the rest in a `#` comment",
            )
        return "STRING", inner[: limits.STRING_CHARS_MAX]

    def _literal(self, text: str, span: Span) -> tuple[str, str]:
        if len(text) > limits.LITERAL_DIGITS_MAX and (
            sum(character.isdigit() for character in text) > limits.LITERAL_DIGITS_MAX
        ):
            self.faults.error(
                "AF125",
                f"`{echo(text)}` has over {limits.LITERAL_DIGITS_MAX} digits",
                span,
                help="float64 keeps 17 digits; write fewer",
            )
            return "NUMBER", "1"
        type_ = literal_type(text)
        if type_:
            return type_, text
        meant = meant_by(text)
        self.faults.error(
            "AF108",
            f"`{echo(text)}` is not a number, duration, percentage or date",
            span,
            f"write `{meant}`"
            if meant
            else "write `0.5`, `1e-6`, `24h`, `7d`, `20%`, `5bp` or `2025-05-01`",
            Fix(span, meant) if meant else None,
        )
        type_ = literal_type(meant)
        return (type_, meant) if type_ else ("NUMBER", "1")

    _READERS: ClassVar[Mapping[str, Callable[["_Lexer", str, Span], tuple[str, str]]]] = {
        "name": _long_name,
        "string": _string,
        "number": _literal,
        "date": _literal,
    }

    def _foreign(self, at: int) -> int:
        """Report a character that starts no token, and step over it."""
        mark = self.text[at]
        if mark == '"':
            return self._open_string(at)
        if mark == "'" and (quoted := _SINGLE_QUOTED.match(self.text, at)) is not None:
            return self._single_quoted(quoted)
        if mark == "%" and self._ends_number(at):
            return at + 1
        end = at + 1
        while self.text.startswith(mark, end):
            end += 1
        span = Span(at, end)
        help_, meant = _FOREIGN.get(mark, ("remove it", None))
        fix = None if meant is None else Fix(span, meant)
        self.faults.error("AF105", f"`{echo(mark)}` is not part of the language", span, help_, fix)
        if mark in _STANDS_FOR:
            self.tokens.append(Token(_STANDS_FOR[mark], mark, at, end, self.is_on_new_line))
            self.is_on_new_line = False
        return end

    def _ends_number(self, at: int) -> bool:
        """Report a percent sign that stands apart from its number, and join the two."""
        if not (self.tokens and self.tokens[-1].type == "NUMBER"):
            return False
        if not _END_OF_VALUE.match(self.text, at + 1):
            return False
        number = self.tokens[-1]
        self.tokens[-1] = number._replace(type="PERCENT", text=f"{number.text}%", end=at + 1)
        self.faults.error(
            "AF105",
            "`%` stands apart from its number",
            Span(at, at + 1),
            f"write `{number.text}%`",
            Fix(Span(number.end, at + 1), "%"),
        )
        return True

    def _single_quoted(self, quoted: "re.Match[str]") -> int:
        """Report a string in single quotes, and read it as one."""
        span = Span(*quoted.span())
        self.faults.error(
            "AF105",
            "`'` is not part of the language",
            span,
            "a string stands in double quotes",
            Fix(span, f'"{quoted[1]}"'),
        )
        self.tokens.append(Token("STRING", quoted[1], span.start, span.end, self.is_on_new_line))
        self.is_on_new_line = False
        return span.end

    def _open_string(self, at: int) -> int:
        """Report a string without an end, and read its line as one: it is told once."""
        line_end = self.text.find("\n", at)
        end = len(self.text) if line_end < 0 else line_end
        self.faults.error(
            "AF107",
            "the string has no end",
            Span(at, end),
            'close it with `"` on its own line; inside it, write `\\"` and `\\\\`',
        )
        self.tokens.append(Token("STRING", "", at, end, self.is_on_new_line))
        self.is_on_new_line = False
        return end
