"""Whose bars a dataset holds: who is missing, who was chosen afterwards, whose windows differ.

Over less than 30 days hardly anything is delisted, so nothing is said of the list of symbols.
"""

from ...core.diagnostics import Severity
from .rule import Rule

_LIVES = """
WITH lives AS (SELECT symbol, min(ts) AS begins, max(ts) AS ends FROM bars GROUP BY symbol),
told AS (
  SELECT count(*) AS symbols, any_value(first) AS first, any_value(last) AS last,
         count(*) FILTER (WHERE ends < last) AS early,
         count(*) FILTER (WHERE begins >= first + 86400) AS late,
         count(*) FILTER (WHERE begins >= first + 86400 OR ends <= last - 86400) AS partial
  FROM lives, (SELECT step, first, last FROM facts)
)
"""

UNIVERSE_RULES = (
    Rule(
        "survivorship",
        Severity.WARNING,
        (),
        _LIVES
        + """
        SELECT '', symbols, last,
               'symbols, and each lives to the last bar: delisted ones are missing, '
               || 'results are flattered'
        FROM told WHERE symbols > 1 AND early = 0 AND last - first >= 30 * 86400
        """,
    ),
    Rule(
        "survivorship",
        Severity.NOTE,
        (),
        _LIVES
        + """
        SELECT '', early, last,
               format('of {} symbols end before the last bar: whether they were delisted or no '
                      || 'longer collected, bars do not say', symbols)
        FROM told WHERE symbols > 1 AND early > 0 AND last - first >= 30 * 86400
        """,
    ),
    Rule(
        "hindsight_universe",
        Severity.WARNING,
        (),
        _LIVES
        + """
        SELECT '', late, first,
               'symbols are on the list before they are listed and none leaves it: it was made '
               || 'afterwards, so choose the universe inside the run'
        FROM told WHERE late > 0 AND early = 0 AND last - first >= 30 * 86400
        """,
    ),
    Rule(
        "windows_differ",
        Severity.WARNING,
        (),
        _LIVES
        + """
        SELECT '', partial, first,
               format('of {} symbols miss a day or more at the beginning or the end', symbols)
        FROM told WHERE 4 * partial > symbols
        """,
    ),
)
