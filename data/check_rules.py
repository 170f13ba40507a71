"""What `data check` looks for: one SQL question a rule, asked of the served bars.

``bars`` has ``ts`` (epoch seconds), ``symbol`` and the fields of the dataset; ``facts`` has one
row: ``step``, ``first``, ``last`` and ``symbols``; ``moves``, made once by ``MOVES`` where there is
a ``close``, has the log return ``r`` of each bar that follows its neighbour. Each question answers
with rows of symbol, count, first bar concerned, and a sentence; its text is a constant, no caller's
value enters it.
"""

from dataclasses import dataclass

from ..core.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One question, and the fields without which it is not asked."""

    name: str
    severity: Severity
    needs: tuple[str, ...]
    sql: str


# ``own`` is a move less the middle move of its bar, once a bar has three symbols to compare.
# Twenty robust deviations and five percent: what fat tails alone seldom give.
MOVES = """
CREATE TEMP TABLE moves AS
WITH
  steps AS (
    SELECT symbol, ts, r, lead(r) OVER (PARTITION BY symbol ORDER BY ts) AS next_r FROM (
      SELECT symbol, ts, ln(close / lag(close) OVER life) AS r, ts - lag(ts) OVER life AS wait
      FROM bars WINDOW life AS (PARTITION BY symbol ORDER BY ts)
    ), facts WHERE wait = step
  ),
  scales AS (SELECT symbol, 1.4826 * median(abs(r)) AS scale FROM steps GROUP BY symbol),
  middles AS (
    SELECT ts, CASE WHEN count(*) >= 3 THEN median(r) ELSE 0 END AS middle, count(*) AS together
    FROM steps GROUP BY ts
  )
SELECT *, r - middle AS own,
       least(abs(r), abs(r - middle)) > greatest(20 * scale, 0.05) AS is_big
FROM steps JOIN scales USING (symbol) JOIN middles USING (ts)
"""

RULES = (
    Rule(
        "gap",
        Severity.WARNING,
        (),
        """
        SELECT symbol, sum(wait // step - 1), min(ts - wait + step), 'bars are missing'
        FROM (
          SELECT symbol, ts, ts - lag(ts) OVER (PARTITION BY symbol ORDER BY ts) AS wait FROM bars
        ), facts WHERE wait > step GROUP BY symbol ORDER BY symbol
        """,
    ),
    Rule(
        "single_bar",
        Severity.WARNING,
        (),
        """
        SELECT symbol, 1, min(ts), 'the symbol has one bar only'
        FROM bars GROUP BY symbol HAVING count(*) = 1 ORDER BY symbol
        """,
    ),
    Rule(
        "late_listing",
        Severity.NOTE,
        (),
        """
        SELECT symbol, (min(ts) - any_value(first)) // any_value(step), min(ts),
               'bars before its first one: it is listed in mid-panel'
        FROM bars, facts GROUP BY symbol HAVING min(ts) > any_value(first) ORDER BY symbol
        """,
    ),
    Rule(
        "early_end",
        Severity.NOTE,
        (),
        """
        SELECT symbol, (any_value(last) - max(ts)) // any_value(step), max(ts),
               'bars after its last one: it is delisted, or its collector stopped'
        FROM bars, facts GROUP BY symbol HAVING max(ts) < any_value(last) ORDER BY symbol
        """,
    ),
    Rule(
        "zero_volume",
        Severity.WARNING,
        ("volume",),
        """
        SELECT symbol, count(*), min(ts), 'bars without a trade'
        FROM bars WHERE volume = 0 GROUP BY symbol ORDER BY symbol
        """,
    ),
    Rule(
        "volume_missing",
        Severity.WARNING,
        ("volume",),
        """
        SELECT symbol, count(*), min(ts), 'bars with no or a negative volume'
        FROM bars WHERE volume IS NULL OR volume < 0 OR NOT isfinite(volume)
        GROUP BY symbol ORDER BY symbol
        """,
    ),
    Rule(
        "stale_price",
        Severity.WARNING,
        ("open", "high", "low", "close"),
        """
        SELECT symbol, sum(bars), min(first_ts), 'bars in runs of 12 or more at one price'
        FROM (
          SELECT symbol, run, count(*) AS bars, min(ts) AS first_ts
          FROM (
            SELECT symbol, ts, is_flat,
                   sum(CASE WHEN is_flat THEN 0 ELSE 1 END) OVER life AS run
            FROM (
              SELECT symbol, ts, high = low AND close = lag(close) OVER life AS is_flat
              FROM bars WINDOW life AS (PARTITION BY symbol ORDER BY ts)
            ) WINDOW life AS (PARTITION BY symbol ORDER BY ts)
          ) WHERE is_flat GROUP BY symbol, run HAVING count(*) >= 12
        ) GROUP BY symbol ORDER BY symbol
        """,
    ),
    Rule(
        "spike",
        Severity.WARNING,
        ("close",),
        """
        SELECT symbol, count(*), min(ts),
               format('moves undone by the next bar, the largest {:.2f} in log', max(abs(r)))
        FROM moves WHERE is_big AND r * next_r < 0 AND abs(r + next_r) < 0.2 * abs(r)
        GROUP BY symbol ORDER BY symbol
        """,
    ),
    Rule(
        "outlier",
        Severity.WARNING,
        ("close",),
        """
        SELECT symbol, count(*), arg_max(ts, abs(own)),
               format('moves of its own beyond 20 deviations, the largest {:.2f} in log',
                      max(abs(own)))
        FROM moves WHERE is_big GROUP BY symbol ORDER BY symbol
        """,
    ),
    Rule(
        "market_move",
        Severity.NOTE,
        ("close",),
        """
        SELECT '', any_value(together), ts,
               format('symbols move as one, the middle one by {:.2f} in log', any_value(middle))
        FROM moves GROUP BY ts
        HAVING abs(any_value(middle)) > greatest(0.05, 15 * median(scale)) ORDER BY ts
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
