"""``alphaforge evals``: record an agent's session, replay one and list what differs."""

import json
import tempfile
from argparse import ArgumentParser, Namespace
from dataclasses import asdict, replace
from pathlib import Path

from ..policies.action import Action
from ..policies.request import Request
from ..server.command import Answer, Command, Session
from .replay import Replay
from .replay import replay as replayed
from .session import read_session

VALUE_CHARS_MAX = 120
SHOWN_MAX = 200


def configure(parser: ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    record = verbs.add_parser("record", help="serve over stdio and write the session to FILE")
    record.add_argument("file", metavar="FILE")
    replay = verbs.add_parser("replay", help="run a session in a fresh home and list differences")
    replay.add_argument("file", metavar="FILE")
    replay.add_argument(
        "--data",
        metavar="FOLDER",
        action="append",
        default=[],
        help="where the market data files of the session may be found; may be repeated",
    )


def request(session: Session, args: Namespace) -> Request:
    """Name the action for the gate."""
    return Request(
        action=Action.EVALS, principal=session.principal, resource=f"{args.verb} {args.file}"[:200]
    )


def run(session: Session, args: Namespace) -> Answer:
    """Record or replay."""
    if args.verb == "record":
        return _record(session, args)
    return _replay(session, args)


def _record(session: Session, args: Namespace) -> Answer:
    from ..server.commands.serve import serve
    from .recorder import SessionRecorder

    return serve(session, SessionRecorder(Path(args.file)))


def _replay(session: Session, args: Namespace) -> Answer:
    played = read_session(Path(args.file))
    shared = [session.settings.shared_data] if session.settings.shared_data else []
    with tempfile.TemporaryDirectory(prefix="alphaforge-replay-") as folder:
        home = replace(session.home, root=Path(folder))
        outcome = replayed(played, home, [*map(Path, args.data), *shared])
    return Answer(
        data={
            "calls": outcome.calls,
            "differences": [asdict(item) for item in outcome.differences[:SHOWN_MAX]],
            "differences_count": len(outcome.differences),
            "notes": list(outcome.notes),
        },
        text=_text(outcome),
        exit_code=1 if outcome.differences else 0,
    )


def _text(outcome: Replay) -> str:
    lines = [
        f"call {item.number} {item.tool}: {item.path}\n"
        f"  recorded {_shown(item.recorded)}\n"
        f"  replayed {_shown(item.replayed)}"
        for item in outcome.differences[:SHOWN_MAX]
    ]
    lines += [f"note: {note}" for note in outcome.notes]
    lines.append(f"{outcome.calls} calls replayed, {len(outcome.differences)} differences")
    return "\n".join(lines)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= VALUE_CHARS_MAX else text[: VALUE_CHARS_MAX - 3] + "..."


COMMAND = Command(
    name="evals",
    help="record and replay sessions of agents",
    configure=configure,
    run=run,
    request=request,
)
