"""A dialect's text to tokens, under the ceilings of the language, in time linear in the text."""

import re
from functools import lru_cache

from ...core.diagnostics import Fix, Span, echo
from .. import limits
from ..characters import report_characters
from ..faults import Faults
from ..lexer import Token
from .dialect import Dialect

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_PARTS = r"""(?P<blank>[ \t\r]+)
    | (?P<newline>\n)
    | (?P<comment>{comment})
    | (?P<name>{name})
    | (?P<number>\.?[0-9](?:[eE][+-](?=[0-9])|[A-Za-z0-9_.])*)
    | (?P<string>"[^"\\\n]*"|'[^'\\\n]*')
    | (?P<stranger>{strangers})
    | (?P<mark>{marks})
    """


def tokens_of(text: str, dialect: Dialect, faults: Faults) -> list[Token]:
    """Cut a text into tokens; past a ceiling, report it and return nothing."""
    if len(text) > limits.SOURCE_BYTES_MAX or (
        len(text.encode("utf-8", "surrogatepass")) > limits.SOURCE_BYTES_MAX
    ):
        faults.error(
            "AF120",
            f"the text is over {limits.SOURCE_BYTES_MAX} bytes",
            Span(0, 1),
            "compile its formulas one by one",
        )
        return []
    if not report_characters(text, faults):
        return []
    return _Cut(text, dialect, faults).run()


@lru_cache(maxsize=8)
def _pattern(
    name: str, comment: str, marks: tuple[str, ...], strangers: tuple[str, ...]
) -> "re.Pattern[str]":
    # Looked for before the marks they start with, as `**` before `*`.
    longest = [word for word in strangers if len(word) > 1]
    shown = _PARTS.format(
        name=name,
        comment=comment,
        marks=_one_of(marks),
        strangers=_one_of(tuple(longest)) if longest else r"(?!)",
    )
    return re.compile(shown, re.VERBOSE)


def _one_of(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


class _Cut:
    """One run over one text."""

    def __init__(self, text: str, dialect: Dialect, faults: Faults) -> None:
        self.text = text
        self.dialect = dialect
        self.faults = faults
        self.tokens: list[Token] = []
        self.nesting = 0
        self.is_on_new_line = True
        # Words such as `and` are names until they stand where a mark should.
        signs = tuple(word for word in dialect.strangers if not word.isalpha())
        self.pattern = _pattern(
            dialect.name_shape, dialect.comment_shape, tuple(dialect.marks), signs
        )

    def run(self) -> list[Token]:
        """Cut until the end, or until a ceiling."""
        at = 0
        while at < len(self.text):
            match = self.pattern.match(self.text, at)
            if match is None or match.lastgroup == "stranger":
                at = self._foreign(at, match[0] if match else self.text[at])
                continue
            at = match.end()
            kind = str(match.lastgroup)
            if kind == "newline":
                self.is_on_new_line = True
            elif kind == "comment":
                self._check_comment(match)
            elif kind != "blank" and not self._add(kind, match):
                return []
        self.faults.is_guessing = self.faults.has_errors
        return self.tokens

    def _add(self, kind: str, match: "re.Match[str]") -> bool:
        text, span = match[0], Span(match.start(), match.end())
        if len(self.tokens) == limits.TOKENS_MAX:
            message = f"the text has over {limits.TOKENS_MAX} words and marks"
            self.faults.error("AF121", message, span, "compile its formulas one by one")
            return False
        if kind == "mark":
            type_ = self.dialect.marks[text]
            if not self._count_nesting(type_, span):
                return False
        elif kind == "name":
            type_, text = "NAME", self._name(text, span)
        elif kind == "string":
            type_, text = "STRING", self._string(text, span)
        else:
            type_, text = "NUMBER", self._number(text, span)
        self._keep(type_, text, span)
        return True

    def _check_comment(self, match: "re.Match[str]") -> None:
        text = match[0]
        is_open = text.startswith("/*") and (len(text) < 4 or not text.endswith("*/"))  # noqa: PLR2004
        if is_open:
            span = Span(match.start(), match.start() + 2)
            self.faults.error("AF107", "the comment has no end", span, "close it with `*/`")

    def _keep(self, type_: str, text: str, span: Span) -> None:
        self.tokens.append(Token(type_, text, span.start, span.end, self.is_on_new_line))
        self.is_on_new_line = False

    def _count_nesting(self, type_: str, span: Span) -> bool:
        if type_ == "LPAR":
            self.nesting += 1
        elif type_ == "RPAR":
            self.nesting = max(0, self.nesting - 1)
        if self.nesting <= limits.NESTING_MAX:
            return True
        message = f"brackets are nested over {limits.NESTING_MAX} deep"
        self.faults.error("AF122", message, span, "compile the inner parts by themselves")
        return False

    def _name(self, text: str, span: Span) -> str:
        if len(text) > limits.NAME_CHARS_MAX:
            self.faults.error(
                "AF128",
                f"the name `{echo(text)}` is over {limits.NAME_CHARS_MAX} characters",
                span,
                "choose a shorter name",
            )
            text = text[: limits.NAME_CHARS_MAX]
        return text.lower() if self.dialect.is_case_blind else text

    def _string(self, text: str, span: Span) -> str:
        inner = text[1:-1]
        if len(inner) > limits.STRING_CHARS_MAX:
            message = f"the string is over {limits.STRING_CHARS_MAX} characters"
            self.faults.error("AF126", message, span, "write a shorter one")
        return inner[: limits.STRING_CHARS_MAX]

    def _number(self, text: str, span: Span) -> str:
        if sum(character.isdigit() for character in text) > limits.LITERAL_DIGITS_MAX:
            message = f"`{echo(text)}` has over {limits.LITERAL_DIGITS_MAX} digits"
            self.faults.error("AF125", message, span, "float64 keeps 17 digits; write fewer")
            return "1"
        if _NUMBER.fullmatch(text):
            return text
        message = f"`{echo(text)}` is not a number"
        self.faults.error("AF108", message, span, "write `20`, `0.5` or `1e-6`; windows count bars")
        return "1"

    def _foreign(self, at: int, mark: str) -> int:
        """Report what starts no token of the dialect, and step over it."""
        end = at + len(mark)
        while len(mark) == 1 and self.text.startswith(mark, end):
            end += 1
        stranger = self.dialect.strangers.get(mark)
        shown = f"`{echo(mark)}` is not part of {self.dialect.title}"
        span = Span(at, end)
        if stranger is None:
            help_ = "close the string on its own line" if mark == '"' else "remove it"
            self.faults.error("AF250", shown, span, help_)
            return end
        is_mended = bool(stranger.meant) or mark == "$"
        fix = Fix(span, f" {stranger.meant} " if stranger.meant else "") if is_mended else None
        self.faults.error("AF250", shown, span, stranger.help, fix)
        # Read in its place, so that the rest of the text is judged as well.
        stands_for = self.dialect.marks.get(stranger.meant)
        if stands_for is not None:
            self._keep(stands_for, mark, span)
        return end
