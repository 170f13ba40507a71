"""Runs a session again, through the server, in a fresh home, with its clock and ids injected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
from mcp import Client
from mcp.types import TextContent

from .. import __version__
from ..core.clock import SteppedClock, from_text
from ..core.home import Home
from ..core.ids import CountedIds
from ..core.principals import Kind, Principal
from ..engine.version import engine_version
from ..server.compose import open_lab
from ..server.mcp import ToolServer
from ..server.serving import Desk
from ..tools.lab import Lab
from .datasets import rebuild
from .difference import Difference, Pairing, differences
from .session import Header, Question, Reply, Session

# How long a run may take until its state is compared; SAFETY wants every wait bounded.
SETTLE_SECONDS_MAX = 600
WAIT_SECONDS = 60
OPEN_STATES = frozenset({"created", "queued", "running"})
# What of a run is settled while it still runs.
SETTLED_EARLY = ("run_id", "experiment_id", "fingerprint", "run_fingerprint", "dataset", "snapshot")


@dataclass(frozen=True, slots=True)
class Replay:
    """What a replay came to; ``notes`` may explain differences."""

    calls: int
    differences: tuple[Difference, ...]
    notes: tuple[str, ...]


def replay(session: Session, home: Home, data: Sequence[Path] = ()) -> Replay:
    """Replay a session in an empty home.

    Raises:
        NotFoundError: when a data set of the session cannot be had here.
    """
    header = session.header
    clock = SteppedClock(from_text(header.clock_start))
    lab = open_lab(home, clock, CountedIds(header.seed))
    rebuild(lab.lake, header.datasets, data)
    desk = Desk(open_lab=lambda: lab, principal=_principal(header))
    found: list[Difference] = []

    async def play() -> None:
        pairing = Pairing()
        async with Client(ToolServer(desk), cache=None) as client:
            for question in session.questions:
                _set_clock(clock, question)
                recorded = session.replies.get(question.number)
                answered = await _ask(client, question, pairing, recorded)
                if recorded is not None:
                    found.extend(_compare(question, recorded, answered, pairing))

    anyio.run(play)
    return Replay(
        calls=len(session.questions), differences=tuple(found), notes=tuple(_notes(header, lab))
    )


def _principal(header: Header) -> Principal:
    # Always an agent: what a file says about its author gives no rights.
    return Principal(
        id=header.principal,
        kind=Kind.AGENT,
        roles=frozenset(header.roles),
        tenant=header.tenant,
        sponsor=header.sponsor,
    )


def _set_clock(clock: SteppedClock, question: Question) -> None:
    """Move on to when the call was made, so that days and deadlines fall as they fell."""
    behind = from_text(question.at) - (clock.start + clock.asked * clock.step)
    if behind > timedelta(0):
        clock.advance(behind)


async def _ask(
    client: Client, question: Question, pairing: Pairing, recorded: Reply | None
) -> Reply:
    arguments = pairing.translated(dict(question.arguments))
    reply = await _call(client, question.number, question.tool, arguments)
    if recorded is None or recorded.fields.get("state") in OPEN_STATES:
        return reply
    with anyio.fail_after(SETTLE_SECONDS_MAX):
        # The recorded call saw the run's end; a slower machine looks again until it does.
        while question.tool == "run" and reply.fields.get("state") in OPEN_STATES:
            again = {"run_id": reply.fields["run_id"], "wait_s": WAIT_SECONDS}
            reply = await _call(client, question.number, "run", again)
    return reply


async def _call(client: Client, number: int, tool: str, arguments: dict[str, Any]) -> Reply:
    result = await client.call_tool(tool, arguments)
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    return Reply(
        number=number,
        is_error=bool(result.is_error),
        fields=result.structured_content or {},
        text="\n".join(texts),
    )


def _compare(
    question: Question, recorded: Reply, replayed: Reply, pairing: Pairing
) -> list[Difference]:
    old, new = _whole(recorded), _whole(replayed)
    if recorded.fields.get("state") in OPEN_STATES and question.tool == "run":
        # How far a run had come when the call returned is chance.
        old, new = _early(recorded.fields), _early(replayed.fields)
    return [
        Difference(question.number, question.tool, path, before, after)
        for path, before, after in differences(old, new, pairing)
    ]


def _whole(reply: Reply) -> dict[str, Any]:
    return {"fields": reply.fields, "text": reply.text, "is_error": reply.is_error}


def _early(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"fields": {name: fields.get(name) for name in SETTLED_EARLY}}


def _notes(header: Header, lab: Lab) -> list[str]:
    """Say what is not as it was when the session was recorded."""
    now: dict[str, tuple[object, object]] = {
        "alphaforge": (header.alphaforge, __version__),
        "engine": (header.engine, engine_version()),
        "policy bundle": (header.bundle_hash, lab.gate.bundle.hash),
        "packs": (dict(header.packs), dict(lab.packs.hashes())),
    }
    notes = [
        f"{name}: recorded with {before}, replayed with {after}"
        for name, (before, after) in now.items()
        if before != after
    ]
    if header.experiments_before:
        notes.append(
            f"recorded in a home that held {header.experiments_before} experiments; "
            "the replay starts with none"
        )
    return notes
