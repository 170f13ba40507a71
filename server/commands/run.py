"""``alphaforge run FILE|-e EXPR|ID``: back-test a text in a process of its own."""

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...core.errors import UsageError
from ..command import Answer, Command, Session
from ..sweep import sweep
from ..toolcall import (
    add_dialect,
    add_params,
    ask_tool,
    figure,
    params_of,
    read_text,
    table,
    text_of,
)

WAIT_S = 300


def configure(parser: ArgumentParser) -> None:
    """Add the text, the data and how long to wait."""
    parser.add_argument(
        "what",
        nargs="*",
        default=[],
        help="strategy files (several are one batch), or an experiment's id",
    )
    parser.add_argument("-e", dest="expression", help="a bare expression or a whole text")
    parser.add_argument(
        "--dataset",
        action="append",
        help="data set; overrides the one the text names, okx=NAME another",
    )
    parser.add_argument("--bar", help="grid of a bare expression (default 1h)")
    add_dialect(parser)
    add_params(parser)
    parser.add_argument("--sweep", action="store_true", help="run every variant of its parameters")
    parser.add_argument("--parent", help="experiment that this text is a variation of")
    parser.add_argument("--wait", type=int, default=WAIT_S, help="seconds to wait for the end")


def run(session: Session, args: Namespace) -> Answer:
    """Call the tool with a progress bar."""
    what = args.what[0] if args.what else None
    texts = [text_of(Path(name)) for name in args.what] if len(args.what) > 1 else None
    text = None if texts else read_text(what, args.expression)
    if text is None and texts is None and not str(what or "").startswith("exp_"):
        raise UsageError(
            f"there is no file `{what}`" if what else "nothing to run",
            help="name a file or an experiment id, or give an expression with -e",
        )
    arguments = {
        "text": text,
        "texts": texts,
        "id": what if text is None and texts is None else None,
        "dataset": ", ".join(args.dataset) if args.dataset else None,
        "bar": args.bar,
        "dialect": args.dialect,
        "params": params_of(args),
        "parent": args.parent,
        "wait_s": args.wait,
        "all_metrics": True,
    }
    if args.sweep or texts:
        arguments["sweep"] = args.sweep
        return sweep(session, arguments, wait_s=args.wait)
    answer = ask_tool(session, "run", arguments, shown=shown, title="run")
    is_lost = answer.data.get("state") in {"failed", "cancelled"}
    return Answer(answer.data, answer.text, 1 if is_lost else answer.exit_code)


def shown(fields: Mapping[str, Any]) -> str:
    """Write the state and the metrics for people."""
    if fields["variant_count"]:
        return shown_batch(fields)
    lines = [
        f"{fields['run_id']} {fields['state']}"
        + (" (answered from memory)" if fields["is_from_memory"] else ""),
        f"experiment {fields['experiment_id']} on {fields['dataset']}",
    ]
    if fields["metrics"]:
        rows = [[name, figure(value)] for name, value in sorted(fields["metrics"].items())]
        lines.append(table(rows))
        lines.append(
            f"deflated Sharpe {figure(fields['deflated_sharpe'])} after {fields['trials']} trials"
        )
    lines += [f"note: {note}" for note in fields["notes"]]
    if fields["error"]:
        lines.append(f"error: {fields['error']}")
    if fields["artifacts"]:
        lines.append(f"tear sheet: alphaforge report {fields['experiment_id']}")
    if fields["next"]:
        lines.append(f"next: {fields['next']}")
    return "\n".join(lines)


def shown_batch(fields: Mapping[str, Any]) -> str:
    """Write how a batch stands, and its best variants."""
    rows = [
        [item["name"], item["state"], figure(item["sharpe"]), item["experiment_id"]]
        for item in fields["variants"]
    ]
    lines = [
        f"{fields['run_id']} {fields['state']}, {fields['progress']:.0%}: {fields['message']}",
        table([["variant", "state", "sharpe", "experiment"], *rows]),
    ]
    lines += [f"note: {note}" for note in fields["notes"]]
    lines += [f"error: {fields['error']}"] if fields["error"] else []
    return "\n".join([*lines, f"next: {fields['next']}"])


COMMAND = Command("run", "back-test a strategy or expression", configure, run, None)
