"""Cells that are there and should not be trusted, and cells that are empty."""

from ...core.diagnostics import Severity
from .rule import Rule


def _first_interest(field: str, usual: str) -> Rule:
    """Ask whether a field begins far below what it holds a few bars later."""
    return Rule(
        "open_interest_first",
        Severity.WARNING,
        tuple(dict.fromkeys((field, usual))),
        f"""
        WITH opening AS (
          SELECT symbol, ts, "{field}" AS x, "{usual}" AS y,
                 row_number() OVER (PARTITION BY symbol ORDER BY ts) AS nth
          FROM bars WHERE "{field}" IS NOT NULL
        )
        SELECT symbol, 1, min(ts),
               format('first value of `{field}`: {{:.6g}}, ten bars on it is {{:.6g}}',
                      max(x) FILTER (WHERE nth = 1), median(y))
        FROM opening WHERE nth <= 10 GROUP BY symbol
        HAVING count(*) = 10 AND max(x) FILTER (WHERE nth = 1) < 0.1 * median(y)
        ORDER BY symbol
        """,
    )


CELL_RULES = (
    Rule(
        "unfinished_bar",
        Severity.WARNING,
        (),
        """
        SELECT symbol, count(*), min(ts), 'bars had not ended when they were taken in'
        FROM bars, facts WHERE ts + step > known GROUP BY symbol ORDER BY symbol
        """,
    ),
    Rule(
        "unfinished_bar",
        Severity.WARNING,
        ("volume",),
        """
        WITH tails AS (
          SELECT symbol, median(volume) FILTER (WHERE ts < last) AS usual,
                 any_value(volume) FILTER (WHERE ts = last) AS final, any_value(last) AS ts
          FROM bars, facts WHERE ts >= last - 24 * step GROUP BY symbol
        )
        SELECT '', count(*), any_value(ts),
               format('symbols trade {:.1f} % of their usual volume in the last bar: it was open',
                      100 * median(final / usual))
        FROM tails WHERE usual > 0 AND final IS NOT NULL
        HAVING count(*) >= 3 AND median(final / usual) < 0.1
        """,
    ),
    Rule(
        "mark_missing",
        Severity.WARNING,
        ("mark_close",),
        """
        SELECT symbol, count(*), min(ts), 'bars without a mark price'
        FROM bars WHERE mark_close IS NULL OR NOT mark_close > 0 GROUP BY symbol ORDER BY symbol
        """,
    ),
    Rule(
        "mark_missing",
        Severity.WARNING,
        ("mark_open_8h", "funding_rate"),
        """
        SELECT symbol, count(*), min(ts), 'settlements without the mark price of their 8 hours'
        FROM bars WHERE ts % 28800 = 0 AND funding_rate IS NOT NULL AND mark_open_8h IS NULL
        GROUP BY symbol ORDER BY symbol
        """,
    ),
    _first_interest("oi_open", "oi_close"),
    _first_interest("open_interest", "open_interest"),
    _first_interest("open_interest_base", "open_interest_base"),
    _first_interest("open_interest_quote", "open_interest_quote"),
)

# Of these an empty cell has a rule of its own, or says that nothing happened.
_TOLD_ELSEWHERE = {
    "open",
    "high",
    "low",
    "close",
    "volume",
    "funding_rate",
    "mark_open",
    "mark_close",
    "mark_open_8h",
}


def empty_rule(field: str) -> Rule | None:
    """Return the question for empty cells of a field, a name of [a-z0-9_]; None: told elsewhere."""
    if field in _TOLD_ELSEWHERE:
        return None
    return Rule(
        "cells_empty",
        Severity.NOTE,
        (field,),
        f"""
        SELECT '', count(*), min(ts),
               format('cells of `{field}` are empty, in {{}} symbols', count(DISTINCT symbol))
        FROM bars WHERE "{field}" IS NULL HAVING count(*) > 0
        """,
    )
