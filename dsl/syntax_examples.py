"""Beginnings that go wrong at their last word or mark, by the mistake they show.

lark's ``match_examples`` compares a place of the parser's with those these texts end at. So a
mistake is told by what was being read there, which the words around it do not show: ``[`` behind
a value reaches back in time, at the start of one it opens a list.
"""

# One of each way in which a value may end; each is a place of its own to the parser.
_VALUES = ("close", "1", "24h", "5%", "2bp", '"a"', "rank(close)", "rank()", "(close)")
# A name in a call may be an argument's, so its end is a place of its own.
_ANYWHERE = (*_VALUES, "rank(close")
# One of each way in which a value may begin.
_OPENINGS = (
    "",
    "(",
    "rank(",
    "rank(close,",
    "rank(x=",
    "1 +",
    "1 -",
    "1 *",
    "1 /",
    "1 ^",
    "-",
    "not",
    "1 <",
    "1 and",
    "1 or",
    "1 ?",
    "1 ? 1 :",
    "let x =",
)

# A text that begins with `let` is read as a definition, all others as formulas.
EXAMPLES: dict[str, tuple[str, ...]] = {
    "index": tuple(f"{value} [" for value in _ANYWHERE),
    "list": tuple(f"{opening} [" for opening in _OPENINGS),
    "plus sign": tuple(f"{opening} +" for opening in _OPENINGS),
    "argument with a colon": ("rank(x :", "rank(close, x :", "rank(y = 1, x :"),
    "second value": tuple(f"{value} ," for value in _VALUES),
    "end mark": tuple(f"{value} ;" for value in _VALUES),
    "statement with a sign": ("=", ":"),
    "definition with a colon": ("let x :",),
    "definition without a sign": ("let x 1", "let x y", 'let x "a"', "let x (", "let x 24h"),
    "comment of C": ("/", "1 + /", "rank(close) /*"),
    "pipe from nowhere": ("|>", "rank(|>", "(|>"),
    "glued string": tuple(f'{value} "a"' for value in _ANYWHERE),
}
