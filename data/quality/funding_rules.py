"""Settlements of funding: those that are missing, and intervals that are not eight hours."""

from ...core.diagnostics import Severity
from .rule import Rule

FUNDING_RULES = (
    Rule(
        "funding_interval",
        Severity.NOTE,
        ("funding_rate",),
        """
        WITH settled AS (
          SELECT symbol, ts, ts - lag(ts) OVER (PARTITION BY symbol ORDER BY ts) AS wait
          FROM bars WHERE funding_rate IS NOT NULL
        )
        SELECT symbol, count(*) FILTER (WHERE wait < 28800), min(ts) FILTER (WHERE wait < 28800),
               format('settlements come less than 8h after the one before, {} after 8h or more: '
                      || 'the interval is the symbol''s own, never fill rates forward',
                      count(*) FILTER (WHERE wait >= 28800))
        FROM settled GROUP BY symbol HAVING count(*) FILTER (WHERE wait < 28800) > 0
        ORDER BY symbol
        """,
    ),
    Rule(
        "funding_missing",
        Severity.WARNING,
        ("funding_rate",),
        """
        WITH settled AS (
          SELECT symbol, ts, lead(ts) OVER life - ts AS wait
          FROM bars WHERE funding_rate IS NOT NULL
          WINDOW life AS (PARTITION BY symbol ORDER BY ts)
        ),
        around AS (
          SELECT symbol, ts, wait,
                 lag(wait) OVER life AS before, lead(wait) OVER life AS after
          FROM settled WINDOW life AS (PARTITION BY symbol ORDER BY ts)
        ),
        -- Eight hours is the longest interval of the venues; a shorter one shows on both sides.
        expected AS (
          SELECT *, least(28800, greatest(coalesce(before, 28800), coalesce(after, 28800))) AS due
          FROM around
        ),
        edges AS (
          SELECT symbol, (min(settled_ts) - min(start_ts)) // 28800 AS missing, min(start_ts) AS ts
          FROM (
            SELECT symbol, min(ts) AS start_ts,
                   coalesce(min(ts) FILTER (WHERE funding_rate IS NOT NULL), max(ts)) AS settled_ts
            FROM bars GROUP BY symbol
          ) GROUP BY symbol
          UNION ALL
          SELECT symbol, (max(stop_ts) - max(settled_ts)) // 28800, max(settled_ts) FROM (
            SELECT symbol, max(ts) AS stop_ts,
                   max(ts) FILTER (WHERE funding_rate IS NOT NULL) AS settled_ts
            FROM bars GROUP BY symbol
          ) GROUP BY symbol
        ),
        missed AS (
          SELECT symbol, greatest(1, wait // due - 1) AS missing, ts + due AS ts
          FROM expected WHERE wait > due
          UNION ALL
          SELECT symbol, missing, ts FROM edges WHERE missing > 0
        )
        SELECT symbol, sum(missing), min(ts), 'funding settlements are missing and count as 0'
        FROM missed GROUP BY symbol ORDER BY symbol
        """,
    ),
)
