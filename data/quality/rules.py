"""What `data check` looks for: one SQL question a rule, asked of the served bars.

``bars`` has ``ts`` (epoch seconds), ``symbol`` and the fields of the dataset; ``facts`` has one
row: ``step``, ``first``, ``last``, ``symbols`` and ``known`` (when they were imported); ``moves``,
made once by ``MOVES`` where there is a ``close``, has the log return ``r`` of each bar that follows
its neighbour. Each question answers with rows of symbol, count, first bar concerned, and a
sentence; its text is a constant of the code or holds a field's name, [a-z0-9_], and nothing else.
"""

from ...core.diagnostics import Severity
from .cell_rules import CELL_RULES
from .funding_rules import FUNDING_RULES
from .rule import Rule
from .universe_rules import UNIVERSE_RULES

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
        SELECT symbol, count(*), min(ts),
               format('bars without a trade, {} of them in the first day of its life',
                      count(*) FILTER (WHERE ts < begins + 86400))
        FROM bars JOIN (SELECT symbol, min(ts) AS begins FROM bars GROUP BY symbol) USING (symbol)
        WHERE volume = 0 GROUP BY symbol ORDER BY symbol
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
    *CELL_RULES,
    *FUNDING_RULES,
    *UNIVERSE_RULES,
)
