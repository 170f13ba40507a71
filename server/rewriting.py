"""A file of text written anew, whole or not at all, with the permissions it had."""

import shutil
import tempfile
from pathlib import Path


def rewrite(path: Path, text: str) -> None:
    """Replace what a file holds; a reader sees the old text or the new one, and nothing between.

    A link stays a link: what it leads to is written.

    Raises:
        OSError: when the folder or the file cannot be written; the file is as it was.
    """
    place = path.resolve()
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=place.parent, prefix=f".{place.name}.", delete=False
    ) as file:
        draft = Path(file.name)
        try:
            file.write(text)
            file.flush()
            shutil.copymode(place, draft)
            draft.replace(place)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
