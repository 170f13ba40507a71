"""``alphaforge init DIR``: a folder to do research in."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ...core.errors import ConflictError
from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session
from ..compose import open_catalogue

LIMITS = """\
# Amounts are decimal strings in the settle currency; there is no default for live.
capital = "10000"
max_order_notional = "2500"
max_gross = "12000"
max_leverage = "2"
max_daily_loss = "500"
max_drawdown = "0.2"
"""

README = """\
# A research folder

`strategies/*.af` are strategies, `limits/*.toml` the limits for `alphaforge deploy`.

    alphaforge data import PANEL.parquet --name perps_1h
    alphaforge run strategies/midfreq_reversal.af --wait 60
    alphaforge search --sort sharpe
"""


def configure(parser: ArgumentParser) -> None:
    """Add the folder."""
    parser.add_argument("dir", type=Path)


def request(session: Session, _args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource="init")


def run(session: Session, args: Namespace) -> Answer:
    """Write the packs' templates and a limits file; nothing that exists is touched."""
    _catalogue, packs = open_catalogue(session.home)
    files = {Path("README.md"): README, Path("limits/paper.toml"): LIMITS}
    for template in packs.templates().values():
        files[Path("strategies") / f"{template.name}.af"] = template.text
    taken = [str(path) for path in files if (args.dir / path).exists()]
    if taken:
        raise ConflictError(
            f"`{args.dir}` already has {', '.join(taken)}", help="name an empty or new folder"
        )
    for path, text in files.items():
        target = args.dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    written = sorted(str(path) for path in files)
    return Answer({"dir": str(args.dir), "files": written}, "\n".join(written))


COMMAND = Command("init", "lay out a research folder", configure, run, request)
