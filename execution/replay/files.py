"""Scripts and records as files: exact settings in canonical JSON, series in npz without pickles."""

import json
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from ...core.canonical import canonical_json
from ...core.errors import BrokenError
from .record import Record
from .script import Script

SCRIPT, RECORD = "script.npz", "record.npz"
SETTINGS = "settings.json"
_SAID = ("taker", "bar_seconds", "symbols")


def write_script(folder: Path, script: Script) -> None:
    """Leave a script in a folder."""
    said = {name: getattr(script, name) for name in _SAID}
    (folder / SETTINGS).write_bytes(canonical_json(said))
    _write(folder / SCRIPT, {f.name: getattr(script, f.name) for f in _series(Script)})


def read_script(folder: Path) -> Script:
    """Read what ``write_script`` wrote."""
    said = json.loads((folder / SETTINGS).read_bytes())
    found = _read(folder / SCRIPT, {f.name for f in _series(Script)})
    return Script(
        **{**found, "capital": float(found["capital"]), "slippage": float(found["slippage"])},
        taker=Decimal(said["taker"]),
        bar_seconds=said["bar_seconds"],
        symbols=tuple(said["symbols"]),
    )


def write_record(folder: Path, record: Record) -> None:
    """Leave a record in a folder; the file appears whole or not at all."""
    _write(folder / RECORD, {f.name: getattr(record, f.name) for f in fields(Record)})


def read_record(folder: Path) -> Record:
    """Read what ``write_record`` wrote.

    Raises:
        BrokenError: when there is none, or it is damaged.
    """
    found = _read(folder / RECORD, {f.name for f in fields(Record)})
    return Record(**{**found, "engine": str(found["engine"])})


def _series(kind: type[Script]) -> list[Any]:
    return [field for field in fields(kind) if field.name not in _SAID]


def _write(path: Path, columns: dict[str, Any]) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        arrays: dict[str, Any] = {name: np.asarray(values) for name, values in columns.items()}
        np.savez(file, **arrays)
    part.replace(path)


def _read(path: Path, expected: set[str]) -> dict[str, Any]:
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, BadZipFile) as error:
        raise BrokenError(f"`{path.name}` of a replay cannot be read: {error}") from error
    if set(found) != expected:
        raise BrokenError(f"`{path.name}` of a replay is of another version")
    return found
