"""``alphaforge deploy ID --stage paper|staging|live --limits FILE``: ask to trade."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.errors import UsageError
from ..command import Answer, Command, Session
from ..toolcall import ask_tool, text_of


def configure(parser: ArgumentParser) -> None:
    """Add the experiment, the aim and the limits."""
    parser.add_argument("id", help="an experiment's or run's id; with --show, a plan's id")
    parser.add_argument("--stage", choices=("paper", "staging", "live"), default="paper")
    parser.add_argument("--limits", type=Path, help="a TOML file of decimal strings")
    parser.add_argument("--venue")
    parser.add_argument("--account")
    parser.add_argument("--instruments", help="comma-joined symbols; none: all of the run")
    parser.add_argument("--days", type=int, help="days the plan holds, from midnight UTC")
    parser.add_argument("--note", help="your reasons, shown last to whoever approves")
    parser.add_argument("--show", action="store_true", help="see how a plan stands")
    parser.add_argument("--withdraw", action="store_true", help="take a plan back")


def run(session: Session, args: Namespace) -> Answer:
    """Call the tool; a plan that waits for humans is an answer, not a failure."""
    if args.show or args.withdraw:
        name = "plan_id" if args.show else "withdraw"
        return ask_tool(session, "deploy", {name: args.id}, shown=shown)
    if args.limits is None:
        raise UsageError(
            "`--limits` is missing: there are no default limits",
            help="write a TOML file of decimal strings: capital, max_order_notional, max_gross, "
            "max_leverage, max_daily_loss, max_drawdown",
        )
    arguments = {
        "id": args.id,
        "stage": args.stage,
        "limits": text_of(args.limits),
        "venue": args.venue,
        "account": args.account,
        "instruments": args.instruments.split(",") if args.instruments else None,
        "days": args.days,
        "note": args.note,
    }
    return ask_tool(session, "deploy", arguments, shown=shown)


def shown(fields: Mapping[str, Any]) -> str:
    """Write what was asked, what it could cost, and what a human does next."""
    place = f"{fields['venue']}/{fields['account']}"
    lines = [
        f"{fields['plan_id']} {fields['stage']} on {place}: {fields['state']}",
        f"plan hash {fields['plan_hash']}",
        f"policy {fields['effect']} by {', '.join(fields['rule_ids'])} ({fields['decision_id']})",
        "worst case " + ", ".join(f"{name} {text}" for name, text in fields["worst_case"].items()),
    ]
    lines += [f"  {step}" for step in fields["human_steps"]]
    return "\n".join(lines)


COMMAND = Command("deploy", "ask for an experiment to trade", configure, run, None)
