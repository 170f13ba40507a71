"""Texts through pyqlib's own expression engine and data provider; runs in the peers' venv.

Qlib's binary files are written from the arrays; then each line on stdin makes it compute all texts
for all instruments, with one process and without the caches of an earlier call.
"""

import json
import logging
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import qlib
from qlib.data import D
from qlib.data.cache import H


def write(folder: Path, bars: dict[str, np.ndarray]) -> list[str]:
    """Lay the arrays out as Qlib's files: a calendar, instruments, a float32 file a field."""
    count, rows = next(iter(bars.values())).shape
    days = [str(day.date()) for day in pd.date_range("1990-01-01", periods=rows)]
    for name in ("calendars", "instruments"):
        (folder / name).mkdir()
    (folder / "calendars" / "day.txt").write_text("\n".join(days) + "\n")
    names = [f"S{number:03d}" for number in range(count)]
    listed = "\n".join(f"{name}\t{days[0]}\t{days[-1]}" for name in names)
    (folder / "instruments" / "all.txt").write_text(listed + "\n")
    for at, name in enumerate(names):
        place = folder / "features" / name.lower()
        place.mkdir(parents=True)
        for field, values in bars.items():
            np.hstack([0.0, values[at]]).astype("<f4").tofile(place / f"{field}.day.bin")
    return names


def load(folder: Path, home: Path) -> list[str]:
    """Open the fields of a folder as Qlib's data, in one process and without what it remembers."""
    bars = {path.stem: np.load(path) for path in folder.glob("*.npy")}
    names = write(home, bars)
    qlib.init(provider_uri=str(home), kernels=1, logging_level=logging.ERROR)
    H.clear()
    return names


def main() -> None:
    """Answer `time` with seconds on the panel, and `values` by writing those of a small one."""
    warnings.simplefilter("ignore")
    folder, small, texts, answers = map(Path, sys.argv[1:5])
    formulas = json.loads(texts.read_text())
    for line in sys.stdin:
        with tempfile.TemporaryDirectory() as home:
            what = line.strip()
            source = folder if what == "time" else small
            names = load(source, Path(home))
            begun = time.perf_counter()
            found = D.features(names, formulas, freq="day")
            took = time.perf_counter() - begun
            assert found.shape[1] == len(formulas), found.shape
            if what == "values":
                matrix = found.to_numpy(dtype=float).reshape(len(names), -1, len(formulas))
                np.save(answers, matrix.transpose(2, 1, 0))
            print(json.dumps({"seconds": took}), flush=True)


if __name__ == "__main__":
    main()
