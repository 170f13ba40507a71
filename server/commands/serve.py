"""``alphaforge serve``: the MCP server, over stdio unless ``--http`` names a place."""

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import cast

from ...core.errors import InvalidInputError
from ..command import Answer, Command, Session
from ..serving import Desk, NoRecorder, Recorder

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def configure(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "--http", metavar="HOST:PORT", default="", help="serve streamable HTTP on this machine"
    )
    parser.add_argument(
        "--record", metavar="FILE", default="", help="write the session for `alphaforge evals`"
    )


def run(session: Session, args: Namespace) -> Answer:
    """Read the arguments and serve."""
    place = _place(args.http) if args.http else None
    recorder: Recorder = NoRecorder()
    if args.record:
        make = cast("Callable[[Path], Recorder]", session.extras["make_recorder"])
        recorder = make(Path(args.record))
    return serve(session, recorder, place)


def serve(session: Session, recorder: Recorder, place: tuple[str, int] | None = None) -> Answer:
    """Serve until the client hangs up; on stdio, stdout belongs to the protocol."""
    from ..mcp import ToolServer

    desk = Desk(open_lab=lambda: session.lab, principal=session.settings.agent(), recorder=recorder)
    server = ToolServer(desk)
    try:
        if place is None:
            server.run()
        else:
            server.run("streamable-http", host=place[0], port=place[1])
    finally:
        desk.close()
    return Answer(data={})


def _place(text: str) -> tuple[str, int]:
    """Read HOST:PORT; without a login of its own the server stays on this machine.

    Raises:
        InvalidInputError: for another host than loopback, or no port.
    """
    host, _, port = text.rpartition(":")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdigit() or not 0 < int(port) < 65536:  # noqa: PLR2004
        raise InvalidInputError(f"`{text[:80]}` names no port", help="write 127.0.0.1:8000")
    if host not in LOOPBACK:
        raise InvalidInputError(
            f"`{host[:80]}` is not this machine",
            help="serve on 127.0.0.1 and put a proxy with a login in front",
        )
    return host, int(port)


COMMAND = Command(
    name="serve",
    help="serve the five tools to agents over MCP (stdio)",
    configure=configure,
    run=run,
    request=None,
)
