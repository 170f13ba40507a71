"""The demo, told: data, an idea, its trials, a plan, two signatures, an hour of trading, the end.

Agent steps go through a real MCP client, human steps through the command line, trading through the
gateway process. Nothing here calls a part by a back door.
"""

import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from ...core.clock import from_text
from ...core.home import Home
from ..settings import Settings
from ..toolcall import error_text
from .agent import Agent, connected
from .market import DemoMarket, open_market
from .people import Console
from .screen import Screen

LIMITS = {
    "capital": "10000",
    "max_order_notional": "2500",
    "max_gross": "12000",
    "max_leverage": "2",
    "max_daily_loss": "500",
    "max_drawdown": "0.2",
}
BARS_A_DAY = 24
SHOWN = ("sharpe", "total_return", "max_drawdown", "turnover_daily", "fees_total", "funding_total")
COMPARED = ("sharpe", "annual_return", "max_drawdown", "turnover_daily")


@dataclass(frozen=True)
class Demo:
    """What the story is told with."""

    root: Path
    settings: Settings
    environment: Mapping[str, str]
    screen: Screen
    bars: int = 1
    is_to_open: bool = False

    @property
    def home(self) -> Path:
        """The server's home."""
        return self.root / "home"

    @property
    def gateway_home(self) -> Path:
        """The gateway's home."""
        return self.root / "gateway"

    def console(self) -> Console:
        """Return the humans' command line."""
        return Console(
            self.home, self.gateway_home, self.root / "keys", self.environment, self.screen
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What the story left behind."""

    tear_sheet: Path
    experiments: tuple[str, ...]
    orders: int
    fills: int
    is_verified: bool


async def tell(demo: Demo) -> Told:
    """Run the whole main job."""
    demo.screen.title("AlphaForge: the whole main job, end to end")
    market = _data(demo)
    async with connected(demo.home, demo.gateway_home, demo.environment, demo.screen) as agent:
        demo.screen.step("An agent connects over MCP")
        demo.screen.good(f"five tools: {', '.join(await agent.tools())}")
        text = await _idea(demo, agent, market)
        first, sheet = await _run(demo, agent, market, text)
        second = await _variation(demo, agent, market, text, first)
        plan = await _ask_to_deploy(demo, agent, first)
    orders, fills = _trade(demo, plan, _hour_before_last_day(market))
    _kill(demo, fills)
    is_verified = _audit(demo, orders)
    demo.screen.step("Done")
    demo.screen.good(f"tear sheet: {sheet}")
    demo.screen.say(f"homes: {demo.root}")
    if demo.is_to_open:
        webbrowser.open(sheet.as_uri())
    return Told(sheet, (first, second), len(orders), fills, is_verified)


def _data(demo: Demo) -> DemoMarket:
    demo.screen.step("A data set")
    market = open_market(Home(demo.home), demo.settings.shared_data)
    card = market.card
    kind = "SYNTHETIC" if card.is_synthetic else "real"
    demo.screen.good(
        f"{card.name}: {kind}, {len(card.symbols)} perpetuals, {card.rows:,} bars, "
        f"{card.start[:10]} to {card.end[:10]}"
    )
    demo.screen.say(f"from {card.origin}; snapshot {card.snapshot}")
    for note in card.notes:
        demo.screen.say(f"note: {note}", "yellow")
    return market


async def _idea(demo: Demo, agent: Agent, market: DemoMarket) -> str:
    demo.screen.step("An idea: a strategy is one text")
    found = await agent.call("search", scope="templates", text=market.template)
    text = str(found["hits"][0]["text"])
    demo.screen.code(text)
    made = await agent.call("compile", text=text)
    demo.screen.good(f"fingerprint {made['fingerprint']}")
    demo.screen.say(f"canonical signal: {made['canonical']}")
    for check in made["checks"]:
        demo.screen.say(f"{check['name']}: {check['detail']}")
    demo.screen.step("A broken text gets every fault explained, and nothing runs")
    wrong = "rank(delay(clse, -1)) + ts_men(volume, 24h)"
    fields, _is_error = await agent.ask("compile", text=wrong)
    demo.screen.block(error_text(fields, wrong), "red")
    return text


async def _run(demo: Demo, agent: Agent, market: DemoMarket, text: str) -> tuple[str, Path]:
    demo.screen.step("Run it, in a process of its own")
    done = await agent.run(text=text, dataset=market.card.name)
    demo.screen.table(("metric", "value"), [(name, done["metrics"].get(name)) for name in SHOWN])
    demo.screen.say(f"deflated Sharpe {done['deflated_sharpe']} after {done['trials']} trials")
    sheet = Home(demo.home).artifacts / str(done["run_id"]) / "report.html"
    demo.screen.good(f"tear sheet: {sheet}")
    again = await agent.run(text=text, dataset=market.card.name)
    demo.screen.good(f"asked again: answered from memory: {again['is_from_memory']}")
    return str(done["experiment_id"]), sheet


async def _variation(demo: Demo, agent: Agent, market: DemoMarket, text: str, first: str) -> str:
    demo.screen.step("A variation is a second trial, and memory knows both")
    varied = text.replace(*market.variation)
    done = await agent.run(text=varied, dataset=market.card.name, parent=first)
    second = str(done["experiment_id"])
    found = await agent.call("search", text=market.template, sort="sharpe")
    demo.screen.table(
        ("experiment", "Sharpe", "why"),
        [(hit["id"], hit["metrics"].get("sharpe"), hit["reason"]) for hit in found["hits"]],
    )
    compared = await agent.call("compare", ids=[first, second])
    demo.screen.table(
        ("", "first", "variation"),
        [
            *[(name, *[row["metrics"].get(name) for row in compared["rows"]]) for name in COMPARED],
            ("deflated Sharpe", *[row["deflated_sharpe"] for row in compared["rows"]]),
        ],
    )
    demo.screen.say(compared["verdict"])
    return second


async def _ask_to_deploy(demo: Demo, agent: Agent, experiment: str) -> Mapping[str, Any]:
    demo.screen.step("The agent asks to go live; no tool can approve")
    plan = await agent.call("deploy", id=experiment, stage="live", limits=LIMITS, days=2)
    demo.screen.good(f"{plan['plan_id']} is {plan['state']}: {plan['effect']}")
    demo.screen.say(f"plan hash {plan['plan_hash']}")
    worst = ", ".join(f"{name} {value}" for name, value in plan["worst_case"].items())
    demo.screen.say(f"worst case: {worst}")
    return plan


def _trade(demo: Demo, plan: Mapping[str, Any], hour: str) -> tuple[list[str], int]:
    console, request = demo.console(), str(plan["request_id"])
    demo.screen.step("Without signatures the gateway refuses")
    refused = console.run("gateway", "--account", str(plan["account"]), expect=1)
    demo.screen.good(f"refused: {_why(refused)}")
    demo.screen.step("Two humans sign exactly that plan (throw-away keys, venue sim alone)")
    console.key_of("ana", "pm")
    console.key_of("ben", "risk")
    console.sign(request, "ana", "fits the book")
    state = console.sign(request, "ben", "worst case is acceptable")["state"]
    demo.screen.good(f"the request is {state}")
    demo.screen.step("The gateway, a process of its own, reconciles and trades a replayed hour")
    done = console.run(
        *("gateway", "--account", str(plan["account"])),
        *("--replay-from", hour, "--bars", str(demo.bars)),
    )
    orders = list(done["orders"])
    demo.screen.table(
        ("symbol", "side", "quantity", "filled", "price", "state"),
        [
            [order[key] for key in ("symbol", "side", "qty", "filled", "price", "state")]
            for order in orders
        ],
    )
    demo.screen.good(
        f"{done['state']}: {done['fills']} fills, equity {done['equity']}, "
        f"{len(done['positions'])} positions"
    )
    return [str(order["client_order_id"]) for order in orders], int(done["fills"])


def _hour_before_last_day(market: DemoMarket) -> str:
    """Name the midnight a day before the last: rebalance grids of a day or less trade there."""
    last = from_text(market.card.end) - timedelta(days=1)
    return f"{last:%Y-%m-%d}T00:00Z"


def _kill(demo: Demo, fills: int) -> None:
    console = demo.console()
    demo.screen.step("The kill switch wins over everything, an approved plan included")
    console.run("kill", "STOP_NEW", "--reason", "the demo is over")
    after = console.run("gateway", "--account", "sim-main", "--bars", str(BARS_A_DAY))
    refused = [order for order in after["orders"] if order["state"] == "refused"]
    demo.screen.good(
        f"a day with a rebalance at {after['kill_level']}: {len(refused)} orders refused, "
        f"{int(after['fills']) - fills} filled (they only reduce a position)"
    )


def _audit(demo: Demo, orders: list[str]) -> bool:
    console = demo.console()
    demo.screen.step("Nothing is lost or forged")
    verdict = console.run("audit", "verify")
    demo.screen.good(f"journals verify: {verdict['is_ok']}")
    if orders:
        proof = console.run("audit", "prove", orders[0])
        for step in proof["steps"]:
            mark = "ok" if step["is_ok"] else "FAULT"
            demo.screen.say(f"{'  ' * step['depth']}{mark}  {step['name']}: {step['words']}")
    return bool(verdict["is_ok"])


def _why(answer: Mapping[str, Any]) -> str:
    """Say why a command refused, whichever field says it."""
    return str(answer.get("message") or answer.get("reason") or answer.get("state", ""))
