"""The session format, version 1: JSON lines, in order a header, questions and answers, a footer.

Each line is an object with ``kind``: ``header`` (what a replay needs to start alike), ``question``
and ``answer`` (one call of a tool, tied by ``number``), ``footer`` (how it ended). A session that
was cut off has no footer and can be replayed all the same.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from ..core.errors import InvalidInputError, NotFoundError

VERSION = 1
LINES_MAX = 100_000
BYTES_MAX = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetNote:
    """A data set that was in the lake: its content by snapshot, and where it came from."""

    name: str
    snapshot: str
    origin: str
    is_synthetic: bool
    bar_seconds: int
    start: str
    end: str
    symbols: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a replay needs to start alike, and the versions that may explain a difference."""

    alphaforge: str
    engine: str
    bundle_hash: str
    packs: Mapping[str, str]
    seed: str
    clock_start: str
    principal: str
    sponsor: str
    roles: tuple[str, ...]
    tenant: str
    datasets: tuple[DatasetNote, ...]
    experiments_before: int
    journal_head: str
    version: int = VERSION
    kind: str = "header"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call as it was made."""

    number: int
    at: str
    tool: str
    arguments: Mapping[str, Any]
    channel: str = "agent"
    kind: str = "question"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a call came to."""

    number: int
    is_error: bool
    fields: Mapping[str, Any]
    text: str
    kind: str = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """How the session ended."""

    calls: int
    journal_head: str
    experiments_after: int
    kind: str = "footer"


Line = Header | Question | Reply | Footer
SHAPES: dict[str, TypeAdapter[Any]] = {
    "header": TypeAdapter(Header),
    "question": TypeAdapter(Question),
    "answer": TypeAdapter(Reply),
    "footer": TypeAdapter(Footer),
}


@dataclass(frozen=True, slots=True)
class Session:
    """A session as read from its file; a call that was never answered has no reply."""

    header: Header
    questions: tuple[Question, ...]
    replies: Mapping[int, Reply] = field(default_factory=dict)
    footer: Footer | None = None


def line_of(item: Line) -> str:
    """Write one line of a session file, keys sorted."""
    return json.dumps(asdict(item), sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def read_session(path: Path) -> Session:
    """Read a session file.

    Raises:
        NotFoundError: when there is no such file.
        InvalidInputError: when a line is not one of the format, with its number.
    """
    if not path.is_file():
        raise NotFoundError(f"there is no session file `{path.name}`", help="check the path")
    if path.stat().st_size > BYTES_MAX:
        raise InvalidInputError(f"`{path.name}` is over {BYTES_MAX} bytes")
    text = path.read_text(encoding="utf-8")
    # Not splitlines(): answers may hold line separators of Unicode.
    rows = [row for row in text.split("\n") if row]
    # A session cut off while writing ends in the middle of a line; that line was never answered.
    whole = rows if text.endswith("\n") else rows[:-1]
    items = [_line(number, row) for number, row in enumerate(whole[:LINES_MAX], start=1)]
    if not items or not isinstance(items[0], Header):
        raise InvalidInputError(
            f"`{path.name}` does not begin with the header of a session",
            help="record one with `alphaforge serve --record FILE`",
        )
    return Session(
        header=items[0],
        questions=tuple(item for item in items if isinstance(item, Question)),
        replies={item.number: item for item in items if isinstance(item, Reply)},
        footer=next((item for item in items if isinstance(item, Footer)), None),
    )


def _line(number: int, row: str) -> Line:
    try:
        data = json.loads(row)
        kind = data.get("kind") if isinstance(data, dict) else None
        item: Line = SHAPES[str(kind)].validate_python(data)
    except (ValueError, KeyError, RecursionError) as error:
        raise InvalidInputError(
            f"line {number} is no line of a session: {str(error)[:200]}",
            help="the format is described in docs/evals.md",
        ) from error
    if isinstance(item, Header) and item.version != VERSION:
        raise InvalidInputError(
            f"the session has format version {item.version}, this reads {VERSION}",
            help="replay it with the AlphaForge that recorded it",
        )
    return item
