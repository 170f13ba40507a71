"""The one file in a zip or gzip, read within bounds: half ones and bombs are refused."""

import gzip
import io
import zipfile
import zlib

from ...core.diagnostics import echo
from ...core.errors import InvalidInputError, LimitError

# A day of trades of the busiest contract is below 1 GB of text.
BYTES_MAX = 2 * 1024**3
# Text of numbers packs 5 to 15 times; deflate itself cannot do more than 1,032.
RATIO_MAX = 200
_RATIO_FREE_BYTES = 1024**2
_PIECE_BYTES = 16 * 1024**2


def is_zip(payload: bytes) -> bool:
    """Tell whether bytes start like a zip."""
    return payload.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def only_member(payload: bytes) -> tuple[str, bytes]:
    """Return the name and the bytes of the only file in a zip; nothing touches the disk.

    Raises:
        InvalidInputError: when it is no whole zip, holds not exactly one plain file, or is packed
            too tightly to be data.
        LimitError: when what is inside is too large to be taken at once.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            members = [item for item in archive.infolist() if not item.is_dir()]
            if len(members) != 1 or members[0].flag_bits & 1:
                raise InvalidInputError(
                    f"the zip holds {len(members)} files, or one under a password",
                    help="a zip of the archive holds exactly one CSV file",
                )
            (member,) = members
            _require_bounds(member.file_size, len(payload))
            with archive.open(member) as stream:
                # What the directory declares is the sender's word: what is read is bounded too.
                content = stream.read(member.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise InvalidInputError(
            f"the zip is cut off or damaged: {echo(str(error))}", help="download it again"
        ) from error
    if len(content) != member.file_size:
        raise InvalidInputError(
            f"the zip declares {member.file_size} bytes and holds others",
            help="download it again; if that stays so, do not trust it",
        )
    return member.filename, content


def unpacked_gzip(payload: bytes) -> bytes:
    """Return what a gzip holds.

    Raises:
        InvalidInputError: when it is cut off, or packed too tightly to be data.
        LimitError: when what is inside is too large to be taken at once.
    """
    pieces, size = [], 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(payload)) as stream:
            while piece := stream.read(_PIECE_BYTES):
                size += len(piece)
                _require_bounds(size, len(payload))
                pieces.append(piece)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InvalidInputError(
            f"the gzip is cut off or damaged: {echo(str(error))}", help="download it again"
        ) from error
    return b"".join(pieces)


def _require_bounds(size: int, packed: int) -> None:
    if size > max(_RATIO_FREE_BYTES, packed * RATIO_MAX):
        raise InvalidInputError(
            f"{packed} packed bytes would become {size}: no data pack so tightly",
            help=f"at most {RATIO_MAX} times the zip is unpacked; do not trust it",
        )
    if size > BYTES_MAX:
        raise LimitError(
            f"{packed} packed bytes would become {size}",
            help=f"at most {BYTES_MAX} bytes are unpacked at a time: ask for days",
        )
