"""Marks and words of other languages where a formula has no place for them, and what is meant."""

from typing import NamedTuple


class Foreign(NamedTuple):
    """What is not said here, how it is, and the text that takes its place if one does."""

    message: str
    help: str
    meant: str | None = None


# Two marks side by side that are one elsewhere.
PAIRS = {
    "<>": Foreign("`<>` is not an operator", "unequal is written `!=`", "!="),
    "===": Foreign("`===` is not an operator", "equality is written `==`", "=="),
    "!==": Foreign("`!==` is not an operator", "unequal is written `!=`", "!="),
    "=<": Foreign("`=<` is not an operator", "less or equal is written `<=`", "<="),
    "=>": Foreign("`=>` is not an operator", "greater or equal is written `>=`", ">="),
    "->": Foreign("`->` is not an operator", "a pipe is written `|>`", "|>"),
    ">>": Foreign("`>>` is not an operator", "a pipe is written `|>`"),
    "<<": Foreign("`<<` is not an operator", "less is written `<`"),
    "??": Foreign("`??` is not an operator", "write `is_nan(x) ? y : x`"),
    "^^": Foreign("`^^` is not an operator", "a power is written `x ^ 2`", "^"),
    "++": Foreign("`++` is not an operator", "a sum is written `x + y`", "+"),
    "+=": Foreign("`+=` is not an operator", "nothing is assigned; a sum is `x + y`"),
    "-=": Foreign("`-=` is not an operator", "nothing is assigned; a difference is `x - y`"),
    "*=": Foreign("`*=` is not an operator", "nothing is assigned; a product is `x * y`"),
    "/=": Foreign("`/=` is not an operator", "unequal is written `!=`"),
    ":=": Foreign("`:=` is not an operator", "a name is given in a strategy: `let x = close`"),
    "&&&": Foreign("`&&&` is not an operator", "write `and`"),
}
_CHOICE = "write `test ? yes : no`"
_NO_QUERY = "a formula is no query: a data set is named when it runs"
# Behind a value.
INFIX = {
    **{
        word: Foreign(f"`{word}` is not used here", _CHOICE)
        for word in ("if", "else", "elif", "then", "when", "end", "IF", "ELSE", "THEN")
    },
    "AND": Foreign("`AND` is not in small letters", "write `and`", "and"),
    "OR": Foreign("`OR` is not in small letters", "write `or`", "or"),
    "And": Foreign("`And` is not in small letters", "write `and`", "and"),
    "Or": Foreign("`Or` is not in small letters", "write `or`", "or"),
    "is": Foreign("`is` is not used here", "equality is `==`; a missing value is `is_nan(x)`"),
    "in": Foreign("`in` is not used here", "write `x == 1 or x == 2`"),
    "between": Foreign("`between` is not used here", "write `x >= 1 and x <= 2`"),
    "mod": Foreign("`mod` is not an operator", "there is no remainder of a division"),
    "xor": Foreign("`xor` is not an operator", "write `(x and not y) or (y and not x)`"),
    "for": Foreign("`for` is not used here", "a window takes the place of a loop"),
    "over": Foreign("`over` is not used here", "a window is an argument: `ts_mean(close, 24h)`"),
    "from": Foreign("`from` is not used here", _NO_QUERY),
    "FROM": Foreign("`FROM` is not used here", _NO_QUERY),
    "as": Foreign("`as` is not used here", "a name is given in a strategy: `let x = close`"),
}
# Before a value.
PREFIX = {
    "return": Foreign("`return` is not used here", "a formula is its value; leave it out", ""),
    "NOT": Foreign("`NOT` is not in small letters", "write `not`", "not"),
    "Not": Foreign("`Not` is not in small letters", "write `not`", "not"),
    "if": Foreign("`if` is not used here", _CHOICE),
    "IF": Foreign("`IF` is not used here", _CHOICE),
    "case": Foreign("`case` is not used here", _CHOICE),
    "CASE": Foreign("`CASE` is not used here", _CHOICE),
    "lambda": Foreign("`lambda` is not used here", "there are no functions; write the formula"),
    "def": Foreign("`def` is not used here", "there are no functions; name parts with `let`"),
    "import": Foreign("`import` is not used here", "a strategy names packs with `use`"),
    "from": Foreign("`from` is not used here", _NO_QUERY),
    "select": Foreign("`select` is not used here", _NO_QUERY),
    "SELECT": Foreign("`SELECT` is not used here", _NO_QUERY),
    "for": Foreign("`for` is not used here", "a window takes the place of a loop"),
    "while": Foreign("`while` is not used here", "a window takes the place of a loop"),
    "var": Foreign("`var` is not used here", "a name is given in a strategy: `let x = close`"),
    "const": Foreign("`const` is not used here", "a name is given in a strategy: `let x = close`"),
}
