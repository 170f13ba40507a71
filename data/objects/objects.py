"""A folder of immutable files, each named by the SHA-256 of its bytes."""

import hashlib
import re
from pathlib import Path

from ...core.diagnostics import echo
from ...core.errors import NotFoundError, TamperedError
from ...core.files import write_whole

_ID = re.compile(r"[0-9a-f]{64}\Z")


class Objects:
    """Content-addressed payloads: equal bytes are one file, and a file is whole or absent."""

    def __init__(self, root: Path) -> None:
        """Keep the folder, which the first payload makes."""
        self.root = root

    def put(self, payload: bytes) -> str:
        """Store bytes, on the disk before this returns, and give the SHA-256 that names them."""
        name = hashlib.sha256(payload).hexdigest()
        path = self._path(name)
        if path.exists():
            return name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, payload)
        return name

    def get(self, name: str) -> bytes:
        """Return the bytes of a name.

        Raises:
            NotFoundError: when there is no such payload.
            TamperedError: when the file no longer has the hash that names it.
        """
        if not self.has(name):
            raise NotFoundError(
                f"there is no payload `{echo(name)}`", help="it is past retention: fetch it again"
            )
        payload = self._path(name).read_bytes()
        if hashlib.sha256(payload).hexdigest() != name:
            raise TamperedError(
                f"the payload `{name}` does not have the hash that names it",
                help="remove the file and fetch it again",
            )
        return payload

    def has(self, name: str) -> bool:
        """Tell whether a payload is there."""
        return _ID.match(name) is not None and self._path(name).exists()

    def _path(self, name: str) -> Path:
        return self.root / name[:2] / name
