"""A text read statement by statement: a fault in one leaves the others readable.

1. Tokens are cut into statements (``cutter``).
2. A statement's first word says which grammar reads the rest, and which words in it are settings
   (``clauses``).
3. Each is parsed by itself (``parser``).
"""

from dataclasses import replace

from ..core.diagnostics import Fix, Span, echo
from .clauses import mark_domain, mark_words, report_unknown
from .cutter import brackets_fit, cut
from .faults import Faults
from .lexer import Token
from .parser import parse
from .statement import LET, PARAM, Spec, specs
from .syntax import Body, Definition, Domain, Expression, Settings, Statement, Text


def read(tokens: list[Token], text: str, faults: Faults) -> Text:
    """Parse the tokens of a text, whichever of the two kinds it is."""
    if not tokens:
        if not faults.has_errors:
            faults.error(
                "AF109", "the text is empty", Span(0, 0), "write a formula such as `rank(close)`"
            )
        return Text(is_strategy=False)
    if _is(tokens[0], "strategy"):
        return _StrategyReader(tokens, text, faults).run()
    return Text(is_strategy=False, expression=_bare(tokens, text, faults))


def _bare(tokens: list[Token], text: str, faults: Faults) -> Expression | None:
    first = tokens[0]
    is_statement = len(tokens) > 1 and tokens[1].type in {"NAME", "STRING", "NUMBER", "ASSIGN"}
    if first.type == "NAME" and first.text in specs() and is_statement:
        faults.error(
            "AF101",
            f"the statement `{first.text}` stands outside a strategy",
            first.span,
            "write `strategy name { ... }` around statements, or a formula alone",
        )
        return None
    if not brackets_fit(tokens, faults):
        return None
    body = parse(tokens, "expression", len(text.rstrip()), faults)
    assert body is None or not isinstance(body, (Definition, Domain, Settings))
    return body


class _StrategyReader:
    """Reads ``strategy name { statements }`` once."""

    def __init__(self, tokens: list[Token], text: str, faults: Faults) -> None:
        self.tokens = tokens
        self.end = len(text.rstrip())
        self.faults = faults

    def run(self) -> Text:
        """Read the head, then each statement by itself."""
        at, name = self._head()
        statements = []
        parts, at = cut(self.tokens, at, self.faults)
        self._tail(at)
        for part in parts:
            if self.faults.is_full:
                break
            statement = self._statement(part)
            if statement is not None:
                statements.append(statement)
        span = name.span if name else self.tokens[0].span
        return Text(
            is_strategy=True,
            name=name.text if name else "",
            name_span=span,
            statements=tuple(statements),
        )

    def _head(self) -> tuple[int, Token | None]:
        """Read up to the opening brace; return where the statements start."""
        at = 1
        name = self.tokens[at] if at < len(self.tokens) and self._type(at) == "NAME" else None
        if name is None:
            self.faults.error(
                "AF101",
                "the strategy has no name",
                self.tokens[0].span,
                "write `strategy my_name { ... }`",
            )
        else:
            at += 1
        if self._type(at) == "LBRACE":
            return at + 1, name
        where = self.tokens[at - 1].span
        self.faults.error(
            "AF106",
            "`{` is missing after the strategy's name",
            Span(where.end, where.end),
            "write `strategy my_name { ... }`",
            Fix(Span(where.end, where.end), " {"),
        )
        return at, name

    def _tail(self, at: int) -> None:
        """Check what stands behind the last statement."""
        if at == len(self.tokens):
            self.faults.error(
                "AF106",
                "the strategy's `{` is never closed",
                Span(self.end, self.end),
                "end the strategy with `}`",
                Fix(Span(self.end, self.end), "\n}"),
            )
        elif at + 1 < len(self.tokens):
            self.faults.error(
                "AF115",
                "text follows the end of the strategy",
                self.tokens[at + 1].span,
                "one text holds one strategy; remove what follows its `}`",
            )

    def _statement(self, part: list[Token]) -> Statement | None:
        keyword, rest = part[0], part[1:]
        spec = specs().get(keyword.text) if keyword.type == "NAME" else None
        if spec is None:
            return _unknown_statement(part, self.faults)
        span = Span(keyword.start, part[-1].end)
        if not rest:
            message = f"`{keyword.text}` says nothing"
            self.faults.error("AF101", message, keyword.span, f"write `{spec.form}`")
            return Statement(keyword.text, keyword.span, span, None)
        body = self._body(rest, spec, span) if brackets_fit(rest, self.faults) else None
        is_definition = spec.start in {"definition", PARAM.start} and rest[0].type == "NAME"
        defines = rest[0].text if is_definition else ""
        return Statement(keyword.text, keyword.span, span, body, defines)

    def _body(self, rest: list[Token], spec: Spec, span: Span) -> Body | None:
        is_whole = True
        if spec.start == PARAM.start:
            rest = mark_domain(rest)
        elif spec.words or spec.later:
            rest, is_whole = mark_words(rest, spec, self.faults)
        body = parse(rest, spec.start, span.end, self.faults) if rest else None
        if isinstance(body, Settings) and not is_whole:
            return replace(body, is_whole=False)
        return body

    def _type(self, at: int) -> str:
        return self.tokens[at].type if at < len(self.tokens) else "$END"


def _is(token: Token, word: str) -> bool:
    return token.type == "NAME" and token.text == word


def _unknown_statement(part: list[Token], faults: Faults) -> Statement | None:
    """Report what is no statement; ``x = ...`` is read as a let without its word."""
    first = part[0]
    if first.type != "NAME":
        faults.error(
            "AF110",
            f"a statement cannot start with `{echo(first.text)}`",
            first.span,
            "a statement starts with its word, such as `signal`",
        )
    elif len(part) > 1 and part[1].type == "ASSIGN":
        faults.error(
            "AF110",
            f"`{echo(first.text)} = ...` lacks its word",
            first.span,
            f"write `let {echo(first.text)} = ...`",
            Fix(Span(first.start, first.start), "let "),
        )
        span = Span(first.start, part[-1].end)
        return Statement(LET.keyword, first.span, span, None, defines=first.text)
    else:
        message = f"unknown statement `{echo(first.text)}`"
        report_unknown("AF110", message, first, specs(), faults)
    return None
