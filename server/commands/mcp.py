"""``alphaforge mcp config --client NAME``: what to put into a client's settings."""

import json
import shlex
import shutil
import sys
from argparse import ArgumentParser, Namespace

from ...policies.action import Action
from ...policies.request import Request
from ..command import Answer, Command, Session

FILES = {
    "claude-code": "run this command",
    "claude-desktop": "claude_desktop_config.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".vscode/mcp.json",
}


def configure(parser: ArgumentParser) -> None:
    """Add the verb and the client's name."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    config = verbs.add_parser("config", help="print a client's settings for this installation")
    config.add_argument("--client", choices=sorted(FILES), required=True)


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(Action.LOCAL, session.principal, resource=args.client)


def run(session: Session, args: Namespace) -> Answer:
    """Print the snippet with the absolute path of this installation's program."""
    program = shutil.which("alphaforge", path=sys.prefix + "/bin")
    command = program or sys.executable
    words = [] if program else ["-m", "alphaforge"]
    words += ["serve", "--home", str(session.home.root)]
    words += ["--gateway-home", str(session.settings.gateway_home)]
    where = FILES[args.client]
    if args.client == "claude-code":
        line = shlex.join(["claude", "mcp", "add", "alphaforge", "--", command, *words])
        return Answer({"client": args.client, "command": line}, line)
    server: dict[str, object] = {"command": command, "args": words}
    config: dict[str, object] = (
        {"servers": {"alphaforge": {"type": "stdio", **server}}}
        if args.client == "vscode"
        else {"mcpServers": {"alphaforge": server}}
    )
    data = {"client": args.client, "file": where, "config": config}
    return Answer(data, json.dumps(config, indent=2))


COMMAND = Command("mcp", "print client configuration", configure, run, request)
