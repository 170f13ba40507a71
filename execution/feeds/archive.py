"""Files of an archive: downloaded in parts that outlive a crash, believed by their checksum."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.diagnostics import echo
from ...core.errors import InvalidInputError, LimitError
from ...data.ingest.fetch import Payload, TryAgainError
from ...data.ingest.source import Step
from .http import Answer, Web

SUFFIX = ".CHECKSUM"
_CHECKSUM_BYTES_MAX = 4096
_SHA256 = re.compile(rb"\s*([0-9a-fA-F]{64})\b")
_PARTIAL = 206


@dataclass(frozen=True)
class ArchiveFetch:
    """Fetch files with a ``.CHECKSUM`` beside them; ``parts`` keeps what cut downloads brought."""

    web: Web
    parts: Path

    def fetch(self, step: Step) -> Payload:
        """Return a file whose SHA-256 is the one its checksum file names.

        Raises:
            TryAgainError: when it is cut off, or its bytes have another checksum.
            AbsentError: when the archive has no such file.
        """
        wanted = self._checksum(step)
        self.parts.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(step.key.encode()).hexdigest()[:32]
        # Another checksum is another file: parts of two versions never meet.
        part = self.parts / f"{name}.{wanted[:32]}.part"
        self._download(step, part)
        body = part.read_bytes()
        part.unlink(missing_ok=True)
        found = hashlib.sha256(body).hexdigest()
        if found != wanted:
            raise TryAgainError(
                f"`{echo(step.key)}` has the checksum {found[:12]}..., its file says "
                f"{wanted[:12]}...",
                help="the download is damaged or the archive is being replaced: ask again later",
            )
        return Payload(body)

    def _checksum(self, step: Step) -> str:
        with self.web.ask(step, target=f"{step.target}{SUFFIX}") as answer:
            text = answer.stream.read(_CHECKSUM_BYTES_MAX)
        found = _SHA256.match(text)
        if found is None:
            raise TryAgainError(f"the checksum file of `{echo(step.key)}` holds no SHA-256")
        return found[1].decode().lower()

    def _download(self, step: Step, part: Path) -> None:
        """Bring the part to the file's end, from where it ended before."""
        have = part.stat().st_size if part.exists() else 0
        wish = {"Range": f"bytes={have}-"} if have else {}
        try:
            self._append(step, part, have, wish)
        except InvalidInputError as error:
            # A part that is whole already has no rest; what else is refused is refused again.
            if not have:
                raise
            part.unlink()
            raise TryAgainError(f"{error.message}, asked for the rest of a part") from error

    def _append(self, step: Step, part: Path, have: int, wish: Mapping[str, str]) -> None:
        with self.web.ask(step, headers=wish) as answer:
            is_rest = answer.status == _PARTIAL and _starts_at(answer, have)
            with part.open("ab" if is_rest else "wb") as file:
                size = have if is_rest else 0
                for piece in self.web.chunks(answer):
                    file.write(piece)
                    size += len(piece)
                    if size > self.web.bytes_max:
                        raise LimitError(
                            f"`{echo(step.key)}` is larger than {self.web.bytes_max} bytes",
                            help="ask for days instead of months",
                        )


def _starts_at(answer: Answer, have: int) -> bool:
    return answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")
