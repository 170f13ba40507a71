"""The language on one page, for whoever is about to write it; names come from the catalogue."""

from collections.abc import Mapping
from typing import NamedTuple

from .catalogue import Catalogue
from .judge import MARKS
from .manual import UNITS, sections
from .rules import Kind
from .shape import shape_of
from .statement import specs

CHARS_MAX = 7_200  # 1,800 tokens of four characters

HEAD = """# Cheat sheet

One text is one formula, or one `strategy name { ... }`. Higher values are bought, lower sold. Bars
and instruments are a grid; a missing cell is NaN, and NaN goes out. Nothing sees the future: the
only shift is `delay(x, bars)`, bars >= 1; windows are constants. Arguments go by position or name.
Literals: `0.5` `20%` `5bp` `24h` `7d` (`s m h d w`) `2025-05-01` `"text"`. `#` starts a comment.
Marks, loosest first: `|>`  `? :`  `or`  `and`  `not`  `< <= > >= == !=`  `+ -`  `-x`  `* /`  `^`.
`x |> f(3)` is `f(x, 3)`. `returns` is `returns(close)`.
"""

EXAMPLE = """```af
strategy xs_reversal {
  doc "One-day reversal, scaled by volatility"
  data      perps_1h bar 1h
  universe  top 15 by ts_mean(quote_volume, 30d), min_history 30d
  let       ret = returns(close)
  factor    fast = -ts_sum(ret, 24h) / ts_std(ret, 7d)
  signal    zscore(rank(fast)) |> winsorize(2)
  portfolio long_short quantile 20%, gross 1, max_weight 10%
  rebalance every 8h
  costs     taker 5bp, slippage 2bp, funding on
}
```
"""

# What the forms of statements leave out; each compiles.
MORE_FORMS = (
    "data perps, okx = perps_okx bar 1h",
    "data futures_1h bar 1h, roll 3d",
    "param share in 10% .. 30% step 10%",
    'universe all, where close > ts_mean(close, 7d), exclude "USDCUSDT"',
    "portfolio top_k 5, gross 1",
    "portfolio proportional, gross 1.5, net 0",
    "portfolio risk_parity vol 30d, vol_target 20% over 30d, max_gross 3",
    "portfolio proportional, neutral by sector",
    "backtest 2025-05-01 .. 2025-11-30, walk_forward train 90d test 30d embargo 2d",
    "backtest 2025-05-01 .. 2025-11-30, kfold 5 purge 24h embargo 2d, holdout 20%",
    'backtest benchmark "BTCUSDT"',
)

# What is wanted, and how it is said; each compiles.
IDIOMS = (
    ("momentum, last day left out", "rank(delay(returns(close, 7d), 24h))"),
    ("in its own history", "ts_zscore(volume, 7d)"),
    ("price without its unit", "close / ts_mean(close, 24h) - 1"),
    ("carry", "-ts_mean(funding_rate, 3d)"),
    ("neutral within groups", "returns |> neutralize(bucket(ts_std(returns, 7d), 3))"),
    ("slower bars, closed ones alone", "close / resample(close, 4h) - 1"),
    ("on a condition", "volume > ts_mean(volume, 7d) ? returns : 0 * returns"),
    ("two ideas", "zscore(rank(-returns(close, 24h))) + 0.5 * zscore(rank(-funding_rate))"),
)


class Mistake(NamedTuple):
    """What is often written, what is meant, and the code that the first one gets."""

    wrong: str
    right: str
    code: str


MISTAKES = (
    Mistake("delay(returns, -1)", "delay(returns, 1)", "AF201"),
    Mistake("ts_mean(returns, volume)", "ts_mean(returns, 24h)", "AF202"),
    Mistake("ts_mean(returns)", "ts_mean(returns, 24h)", "AF210"),
    Mistake("rank(close)", "rank(close / ts_mean(close, 24h))", "AF302"),
    Mistake("close + volume", "ts_zscore(close, 7d) + ts_zscore(volume, 7d)", "AF301"),
    Mistake("close > open and volume", "close > open and volume > 0", "AF215"),
    Mistake("0 < returns < 1", "0 < returns and returns < 1", "AF117"),
    Mistake("min(returns, 24h)", "ts_min(returns, 24h)", "AF214"),
    Mistake("returns ** 2", "returns ^ 2", "AF116"),
    Mistake("$close / $open", "close / open", "AF105"),
)


def cheat_sheet(catalogue: Catalogue, packs: Mapping[str, str]) -> str:
    """Write the page; ``packs`` says which pack an operator or field comes from."""
    return "\n".join(
        [
            HEAD,
            EXAMPLE,
            "## Statements\n",
            "One a line, any order; only `signal` is needed.\n",
            "```",
            *(spec.form for spec in specs().values()),
            "```\n",
            "Also:\n",
            "```",
            *MORE_FORMS,
            "```\n",
            "## Operators\n",
            "`[min_periods]`: also takes `min_periods=N`, of a window that may have gaps.\n",
            *_operators(catalogue, packs),
            "## Fields\n",
            *_fields(catalogue, packs),
            "\nOf another data set, by its alias: `okx.close`.\n",
            "## Idioms\n",
            *(f"- {what}: `{text}`" for what, text in IDIOMS),
            "\n## Common mistakes\n",
            *(f"- `{item.wrong}` ({item.code}): write `{item.right}`" for item in MISTAKES),
            "",
        ]
    )


def _operators(catalogue: Catalogue, packs: Mapping[str, str]) -> list[str]:
    lines = []
    for title, names in sections(catalogue, packs).items():
        # What has a mark of its own is written with it.
        shown = [_call(catalogue, name) for name in names if name not in MARKS]
        lines.append(f"- {title}: {' '.join(shown)}")
    macros = [
        catalogue.macros[name].shape.call_text(name).replace(", ", ",")
        for name in sorted(catalogue.macros)
    ]
    return [*lines, f"- Macros: {' '.join(macros)}\n"]


def _call(catalogue: Catalogue, name: str) -> str:
    text = shape_of(catalogue.operators[name]).call_text(name)
    return text.replace(", min_periods=0", "[min_periods]").replace(", ", ",")


def _fields(catalogue: Catalogue, packs: Mapping[str, str]) -> list[str]:
    found: dict[str, list[str]] = {}
    for info in catalogue.fields.values():
        unit = "groups" if info.kind is Kind.GROUP else UNITS[info.unit]
        shown = f"{info.name} ({packs[info.name]})" if info.name in packs else info.name
        found.setdefault(unit, []).append(shown)
    return [f"- {unit}: {' '.join(names)}" for unit, names in found.items()]
