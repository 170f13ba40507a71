"""Texts to start from: the golden files and the pages on the language, and the words in them."""

import re

from alphaforge.dsl.statement import specs
from alphaforge.tests.fuzz.checks import CATALOGUE
from alphaforge.tests.golden_pairs import GOLDEN, pairs
from alphaforge.tests.helpers import REPO

PAGES = ("docs/language.md", "docs/errors.md", "README.md")
MARKS = (
    "|> || && ** // <= >= == != .. < > = + - * / ^ ? : , ( ) { } ; [ ] ! $ % ' \" # . and or not"
)
LITERALS = (
    "0 1 -1 2 24 0.5 .5 1e-9 1e400 1e300 24h 7d 90m 1w 20% 5bp 2025-05-01 2025-02-30 1.2.3 "
    "99999999999999999999999999999999 100000 100001"
)
WORDS = (
    "on off by top bar every quantile gross strategy x y n bars IndClass.sector $close Ref Mean "
    "okx.close ts_delay adv20 min_periods"
)
PIECE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*|[0-9][A-Za-z0-9_.%]*|\s+|[^\w\s]+|.", re.DOTALL)


def texts() -> list[str]:
    """Return all texts of golden files and pages, shortest first."""
    found: set[str] = set()
    for path in sorted(GOLDEN.glob("dsl_*.txt")):
        if path.read_text(encoding="utf-8").startswith("# "):
            found |= {pair.text for pair in pairs(path.name)}
    for page in PAGES:
        content = (REPO / page).read_text(encoding="utf-8")
        found |= set(re.findall(r"```[a-z0-9-]*\n(.*?)```", content, re.DOTALL))
    return sorted(found, key=lambda text: (len(text), text))


def words() -> list[str]:
    """Return words, marks and literals that mean something somewhere."""
    named = {*CATALOGUE.operators, *CATALOGUE.aliases, *CATALOGUE.macros, *CATALOGUE.fields}
    stated = {word for spec in specs().values() for word in (spec.keyword, *spec.words)}
    written = [*MARKS.split(), *LITERALS.split(), *WORDS.split(), "\n", " ", ", "]
    return [*sorted(named | stated), *written]


def pieces_of(text: str) -> list[str]:
    """Cut a text into words, numbers, marks and blanks; together they are the text."""
    return PIECE.findall(text)
