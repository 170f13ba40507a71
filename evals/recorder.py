"""Writes a session while it happens: one line a question, one line an answer, flushed at once."""

import secrets
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING

from .. import __version__
from ..core.clock import to_text
from ..core.errors import ConflictError, InvalidInputError
from .session import DatasetNote, Footer, Header, Line, Question, Reply, line_of

if TYPE_CHECKING:
    from ..core.principals import Principal
    from ..tools.errors import ToolAnswer
    from ..tools.lab import Lab


class SessionRecorder:
    """Listens at the tool door (``server.serving.Recorder``); calls may come from many threads."""

    def __init__(self, path: Path) -> None:
        """Begin a new file.

        Raises:
            ConflictError: when the file is there already.
            InvalidInputError: when it cannot be written.
        """
        try:
            self._file: IO[str] = path.open("x", encoding="utf-8")
        except FileExistsError as error:
            raise ConflictError(
                f"`{path.name}` is there already", help="sessions are never overwritten"
            ) from error
        except OSError as error:
            raise InvalidInputError(
                f"`{path.name}` cannot be written: {error.strerror}", help="name another file"
            ) from error
        self._lock = threading.Lock()
        self._lab: Lab | None = None
        self._calls = 0

    def opened(self, lab: "Lab", principal: "Principal") -> None:
        """Write the header: what is in the home before the first call."""
        self._lab = lab
        self._write(header_of(lab, principal, seed=secrets.token_hex(8)))

    def asked(self, tool: str, arguments: Mapping[str, object]) -> int:
        """Write a question."""
        assert self._lab is not None, "a call comes after the lab was opened"
        at = to_text(self._lab.clock.now())
        with self._lock:
            self._calls += 1
            number = self._calls
        self._write(Question(number=number, at=at, tool=tool, arguments=dict(arguments)))
        return number

    def answered(self, number: int, answer: "ToolAnswer") -> None:
        """Write an answer."""
        self._write(
            Reply(number=number, is_error=answer.is_error, fields=answer.fields, text=answer.text)
        )

    def close(self) -> None:
        """Write the footer and close the file."""
        if self._lab is not None:
            self._write(
                Footer(
                    calls=self._calls,
                    journal_head=self._lab.journal.head(),
                    experiments_after=self._lab.experiments.size(),
                )
            )
        with self._lock:
            self._file.close()

    def _write(self, line: Line) -> None:
        text = line_of(line)
        with self._lock:
            if not self._file.closed:
                self._file.write(text)
                self._file.flush()


def header_of(lab: "Lab", principal: "Principal", *, seed: str) -> Header:
    """Describe a home as a session finds it."""
    from ..engine.version import engine_version

    return Header(
        alphaforge=__version__,
        engine=engine_version(),
        bundle_hash=lab.gate.bundle.hash,
        packs=lab.packs.hashes(),
        seed=seed,
        clock_start=to_text(lab.clock.now()),
        principal=principal.id,
        sponsor=principal.sponsor,
        roles=tuple(sorted(principal.roles)),
        tenant=principal.tenant,
        datasets=tuple(
            DatasetNote(
                name=card.name,
                snapshot=card.snapshot,
                origin=card.origin,
                is_synthetic=card.is_synthetic,
                bar_seconds=card.bar_seconds,
                start=card.start,
                end=card.end,
                symbols=len(card.symbols),
            )
            for card in lab.lake.cards()
        ),
        experiments_before=lab.experiments.size(),
        journal_head=lab.journal.head(),
    )
