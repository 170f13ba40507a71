"""A text cut into statements, and each of them parsed: a fault in one leaves the others readable.

1. Tokens are told apart by brackets: what is never closed is reported where it opens.
2. A statement starts on a new line, after ``;`` or after ``{``; a line goes on when it ends with
   an operator or a comma, or when the next one starts with an operator.
3. Its first word says which grammar reads the rest, and which words in it are settings.
"""

from collections.abc import Mapping

from ..core.diagnostics import Fix, Span, echo
from ..core.nearest import nearest
from .faults import Faults
from .lexer import Token
from .parser import parse
from .statement import STATEMENTS_LATER, Spec, specs
from .syntax import Definition, Expression, Settings, Statement, Text

# A line that ends or starts with one of these goes on.
_COMPARISONS = {"LT", "LE", "GT", "GE", "EQ", "NE"}
_ARITHMETIC = {"PLUS", "MINUS", "STAR", "SLASH", "CARET", "STARS"}
_GOES_ON = _COMPARISONS | _ARITHMETIC | {"PIPE", "OR", "AND", "ASSIGN", "QUESTION", "COLON"}
_GOES_ON |= {"COMMA", "DOTS"}
_LEFT_OPEN = _GOES_ON | {"NOT"}
_SETTING_STARTS = {"settings": True, "source": False, "days": False}


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
    is_statement = len(tokens) > 1 and tokens[1].type in {"NAME", "STRING", "NUMBER"}
    if first.type == "NAME" and first.text in specs() and is_statement:
        faults.error(
            "AF101",
            f"the statement `{first.text}` stands outside a strategy",
            first.span,
            "write `strategy name { ... }` around statements, or a formula alone",
        )
        return None
    if not _brackets_fit(tokens, faults):
        return None
    body = parse(tokens, "expression", len(text.rstrip()), faults)
    assert body is None or not isinstance(body, (Definition, Settings))
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
        for part in self._parts(at):
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

    def _parts(self, at: int) -> list[list[Token]]:
        """Cut the block into the tokens of its statements."""
        parts: list[list[Token]] = [[]]
        opened: list[Token] = []
        while at < len(self.tokens) and self._type(at) != "RBRACE":
            token = self.tokens[at]
            if self._starts_statement(token, parts[-1], opened):
                self._report_open(opened)
                opened = []
                parts.append([])
            if token.type == "LPAR":
                opened.append(token)
            elif token.type == "RPAR" and opened:
                opened.pop()
            if token.type == "SEMI":
                self._report_open(opened)
                opened = []
                parts.append([])
            else:
                parts[-1].append(token)
            at += 1
        self._report_open(opened)
        self._tail(at)
        return [part for part in parts if part]

    def _starts_statement(self, token: Token, part: list[Token], opened: list[Token]) -> bool:
        if not part or not token.is_on_new_line:
            return False
        if opened:
            # A line that starts with a statement's word ends what was never closed.
            is_two_values = part[-1].type not in _LEFT_OPEN | {"LPAR"}
            return token.type == "NAME" and token.text in specs() and is_two_values
        if len(part) == 1 and token.text not in specs():
            return False
        return part[-1].type not in _LEFT_OPEN and token.type not in _GOES_ON

    def _report_open(self, opened: list[Token]) -> None:
        if opened:
            _report_never_closed(opened[-1], self.faults)

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
        keyword = part[0]
        spec = specs().get(keyword.text) if keyword.type == "NAME" else None
        if spec is None:
            _report_unknown_statement(part, self.faults)
            return None
        span = Span(keyword.start, part[-1].end)
        rest = part[1:]
        if not rest:
            self.faults.error(
                "AF101",
                f"`{keyword.text}` says nothing",
                keyword.span,
                "see docs/language.md for what may follow it",
            )
        fits = bool(rest) and _brackets_fit(rest, self.faults)
        if fits and (spec.words or spec.later):
            rest = _mark_words(rest, spec, self.faults)
        body = parse(rest, spec.start, span.end, self.faults) if fits and rest else None
        is_definition = spec.start == "definition" and bool(rest) and rest[0].type == "NAME"
        defines = rest[0].text if is_definition else ""
        return Statement(keyword.text, keyword.span, span, body, defines)

    def _type(self, at: int) -> str:
        return self.tokens[at].type if at < len(self.tokens) else "$END"


def _is(token: Token, word: str) -> bool:
    return token.type == "NAME" and token.text == word


def _brackets_fit(tokens: list[Token], faults: Faults) -> bool:
    """Report brackets without a partner, and braces, which belong to strategies alone."""
    opened: list[Token] = []
    fits = True
    for token in tokens:
        if token.type == "LPAR":
            opened.append(token)
        elif token.type == "RPAR" and opened:
            opened.pop()
        elif token.type in {"RPAR", "LBRACE", "RBRACE"}:
            fits = False
            faults.error(
                "AF106",
                f"`{token.text}` has no partner",
                token.span,
                "remove it, or add the bracket it belongs to",
            )
    if opened:
        _report_never_closed(opened[-1], faults)
    return fits and not opened


def _report_never_closed(opening: Token, faults: Faults) -> None:
    faults.error(
        "AF106", "`(` is never closed", opening.span, "add the `)` where its arguments end"
    )


def _mark_words(tokens: list[Token], spec: Spec, faults: Faults) -> list[Token]:
    """Turn the statement's own words into settings; report and drop clauses it does not know."""
    kept: list[Token] = []
    opens_clause = _SETTING_STARTS[spec.start]
    depth = 0
    is_dropping = False
    for token in tokens:
        depth += {"LPAR": 1, "RPAR": -1}.get(token.type, 0)
        if token.type == "COMMA" and depth == 0:
            opens_clause, is_dropping = True, False
        elif opens_clause:
            opens_clause = False
            is_dropping = token.type == "NAME" and token.text not in spec.words
            if is_dropping:
                _report_unknown_clause(token, spec, faults)
        if is_dropping:
            continue
        is_word = depth == 0 and token.type == "NAME" and token.text in spec.words
        kept.append(token._replace(type="WORD") if is_word else token)
    return _without_loose_commas(kept)


def _without_loose_commas(tokens: list[Token]) -> list[Token]:
    """Drop commas that lost a neighbour when a clause was dropped."""
    kept: list[Token] = []
    for token in tokens:
        if token.type == "COMMA" and (not kept or kept[-1].type == "COMMA"):
            continue
        kept.append(token)
    while kept and kept[-1].type == "COMMA":
        kept.pop()
    return kept


def _report_unknown_clause(token: Token, spec: Spec, faults: Faults) -> None:
    if token.text in spec.later:
        faults.error(
            "AF111",
            f"`{token.text}` is not in this version",
            token.span,
            spec.later[token.text],
        )
        return
    _report_unknown(
        "AF112",
        f"`{spec.keyword}` has no setting `{echo(token.text)}`",
        token,
        dict.fromkeys(spec.words, ""),
        faults,
    )


def _report_unknown_statement(part: list[Token], faults: Faults) -> None:
    first = part[0]
    if first.type != "NAME":
        faults.error(
            "AF110",
            f"a statement cannot start with `{echo(first.text)}`",
            first.span,
            "a statement starts with its word, such as `signal`",
        )
    elif first.text in STATEMENTS_LATER:
        help_ = STATEMENTS_LATER[first.text]
        faults.error("AF111", f"`{first.text}` is not in this version", first.span, help_)
    elif len(part) > 1 and part[1].type == "ASSIGN":
        faults.error(
            "AF110",
            f"`{echo(first.text)} = ...` lacks its word",
            first.span,
            f"write `let {echo(first.text)} = ...`",
            Fix(Span(first.start, first.start), "let "),
        )
    else:
        known = dict.fromkeys(specs(), "")
        _report_unknown("AF110", f"unknown statement `{echo(first.text)}`", first, known, faults)


def _report_unknown(
    code: str, message: str, token: Token, known: Mapping[str, str], faults: Faults
) -> None:
    meant = nearest(token.text, known)
    listed = ", ".join(f"`{word}`" for word in sorted(known))
    faults.error(
        code,
        message,
        token.span,
        f"did you mean `{meant}`?" if meant else f"there are {listed}",
        Fix(token.span, meant) if meant else None,
    )
