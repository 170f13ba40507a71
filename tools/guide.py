"""What an agent must know to use the tools: the topics of ``search`` scope docs.

Every fenced text is compiled in the tests, so that the guide cannot say what is no longer true.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Topic:
    """One page of the guide; ``text`` fits into an answer."""

    name: str
    title: str
    text: str


EXPRESSION = Topic(
    "expression",
    "A bare expression is a strategy with every choice at its default",
    """\
Fields (`close`, `volume`, `funding_rate`, ...) and operators on a grid of bars and instruments:
```
rank(ts_mean(close, 24h) / close)
```
Windows are durations (`24h`, `7d`) or counts of bars. `ts_*` look back along time, each instrument
by itself; `rank zscore scale neutralize winsorize` look across the instruments of the universe at
one bar. Higher values are bought, lower sold. `x |> f(3)` is `f(x, 3)`. The only shift is
`delay(x, bars)` with bars >= 1: nothing can look ahead. A missing value is NaN and never zero.
Defaults: all instruments, long the top fifth and short the bottom fifth, gross 1, rebalance every
8 bars, delay 1 bar, taker 5bp, slippage 2bp, funding on, the whole data set.""",
)

STRATEGY = Topic(
    "strategy",
    "A strategy file says everything about an experiment",
    """\
```
strategy xs_reversal {
  doc "One-day reversal, scaled by volatility"
  data      perps_1h bar 1h
  universe  top 15 by ts_mean(quote_volume, 30d), min_history 30d
  let       ret = returns(close)
  factor    reversal = -ts_sum(ret, 24h) / ts_std(ret, 7d)
  signal    zscore(rank(reversal))
  portfolio long_short quantile 0.2, gross 1.0, max_weight 20%
  rebalance every 8h
  delay     1
  costs     taker 5bp, slippage 2bp, funding on
  backtest  2025-06-15 .. 2025-12-15
  risk      max_drawdown 20%, max_leverage 2
}
```
Only `signal` is needed; what is left out stands at its default. `portfolio` is `long_short
quantile Q`, `top_k K`, `proportional` (the signal itself, scaled to gross) or `risk_parity vol
30d`, with `net 0`, `max_group sector 30%`, `vol_target 20% over 30d` if wanted. `use midfreq >=
0.1` names a pack whose operators the text needs. `#` begins a comment.""",
)

DIALECTS = Topic(
    "dialects",
    "Formulas in the notation of the 101 alphas, Qlib or FASTEXPR",
    """\
`compile` and `run` take `dialect`: `alpha101` (`Ts_Rank`, `adv20`, `IndNeutralize(x,
IndClass.sector)`, `?:`), `qlib` (`Ref($close, 5)`, `Corr`, Python's marks) or `brain` (`a =
ts_mean(close, 5); group_neutralize(rank(a), sector)`). Equal meaning has one fingerprint whatever
the notation; notes say where the other system would compute otherwise. `compile` with `to` prints
a formula as `af` or `qlib`. Strategy files are `af` alone.""",
)

VARYING = Topic(
    "varying",
    "Parameters, features, conditions and splits of a strategy file",
    """\
```
strategy varied {
  param     lookback in [12h, 24h, 48h]
  feature   vol_7d = ts_std(returns, 7d)
  universe  top 15 by ts_mean(quote_volume, 30d), where vol_7d < 20%
  signal    -ts_sum(returns, lookback) / vol_7d
  portfolio proportional, net 0, vol_target 20% over 30d
  backtest  2025-06-15 .. 2025-12-15, walk_forward train 60d test 20d, holdout 20d
}
```
`params` of `compile` and `run` choose values (`{"lookback": "48h"}`; else the default or the
first): each variant is a trial. `where` is asked before `top`. A split reports its tests as
`oos_sharpe`, `oos_annual_return` and `oos_max_drawdown`; `kfold 5` is another. A
holdout's days are never loaded.""",
)

TIMING = Topic(
    "timing",
    "When a signal is known, when it is traded, what it costs",
    """\
A bar [t, t+1h) is known at its end. With delay d the signal of bar t trades at the open of bar t+d
(d >= 1). Rebalances lie on a grid anchored to UTC midnight. Positions drift between rebalances.
Each trade pays taker fee and slippage on its notional; funding is paid at its settlement by the
position held before the trades of that instant. The universe at t knows bars up to t only.""",
)

TRIALS = Topic(
    "trials",
    "Why each Sharpe stands beside a deflated one",
    """\
Each distinct strategy on a distinct slice of data counts as one trial, failures too, re-runs not.
`deflated_sharpe` is the probability that the true Sharpe is above zero given how many trials there
were and how far they spread (Bailey and Lopez de Prado): 0.95 is strong, 0.5 is what luck gives.
More variations of one idea lower it for all: vary with a reason and look at `compare`.""",
)

RUNNING = Topic(
    "run",
    "How a run is started, watched, resumed and cancelled",
    """\
`run` starts a child process and waits up to `wait_s` seconds. The run goes on when the call ends:
call `run` with `run_id` to see it, `cancel` to stop it. Starting the same strategy on the same data
again returns the same run, and a completed one is answered from memory with the same numbers.
States: created, queued, running, completed, failed, cancelled.""",
)

DEPLOYING = Topic(
    "deploy",
    "From an experiment to a plan, an approval and a deployment",
    """\
`deploy` with `id` (an experiment or run), `stage` and `limits` makes a plan: everything a
deployment may do, hashed whole. Limits are exact decimals as text: capital, max_order_notional,
max_gross, max_leverage, max_daily_loss, max_drawdown. For live a human signs the plan's hash
with an own key: `alphaforge approvals show REQUEST`, then `alphaforge approvals approve REQUEST`.
No tool can approve; asking again does not help. Ask with `plan_id` how it stands, and withdraw a
plan you no longer want: few may be pending at once. `stop` ends a running deployment.""",
)

TOPICS = (EXPRESSION, STRATEGY, DIALECTS, TIMING, TRIALS, RUNNING, DEPLOYING)
