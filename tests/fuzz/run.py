"""The atheris target: ``python -m alphaforge.tests.fuzz.run FOLDER SECONDS``; see ``make fuzz``.

The first byte of an input says the dialect, the rest is the text. Everything that is written stays
in the folder: the corpus that grows, and an input that broke a promise.
"""

import math
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["alphaforge.dsl", "lark"]):
    from alphaforge.tests.fuzz.checks import DIALECTS, check
    from alphaforge.tests.fuzz.corpus import texts, words
    from alphaforge.tests.fuzz.splice import Splicer

    for warm in DIALECTS:
        # What is imported when a text is first compiled is to be watched, too.
        check("returns", warm, seconds_max=math.inf)

# Instrumented code takes about five times as long; the promise is half a second.
SECONDS_MAX = 3.0
INPUT_BYTES_MAX = 70_000
HANG_SECONDS = 20
MEMORY_MEGABYTES = 1_024
SPLICER = Splicer(texts(), words())


def decoded(data: bytes) -> tuple[str, str]:
    """Return dialect and text; bytes that are no UTF-8 become lone surrogates."""
    dialect = DIALECTS[data[0] % len(DIALECTS)] if data else DIALECTS[0]
    return dialect, data[1:].decode("utf-8", "surrogateescape")


def encoded(dialect: str, text: str) -> bytes:
    """Return the input that says a dialect and a text."""
    return bytes([DIALECTS.index(dialect)]) + text.encode("utf-8", "surrogateescape")


def one_input(data: bytes) -> None:
    """Check one input; an exception is a finding."""
    dialect, text = decoded(data)
    check(text, dialect, seconds_max=SECONDS_MAX)


def mutated(data: bytes, size_max: int, seed: int) -> bytes:
    """Splice words most of the time, change bytes at others."""
    if seed % 5 == 0:
        return bytes(atheris.Mutate(data, size_max))
    dialect, text = decoded(data)
    return encoded(dialect, SPLICER.change(text, seed))[:size_max]


def seeded(folder: Path) -> None:
    """Write each known text once a dialect; what is there stays."""
    folder.mkdir(parents=True, exist_ok=True)
    for at, text in enumerate(texts()):
        for dialect in DIALECTS:
            (folder / f"seed-{at:04d}-{dialect}").write_bytes(encoded(dialect, text))


def main() -> None:
    """Fuzz for some seconds."""
    home, seconds = Path(sys.argv[1]), int(sys.argv[2])
    seeded(home / "corpus")
    options = [
        str(home / "corpus"),
        f"-max_total_time={seconds}",
        f"-max_len={INPUT_BYTES_MAX}",
        f"-timeout={HANG_SECONDS}",
        f"-rss_limit_mb={MEMORY_MEGABYTES}",
        f"-artifact_prefix={home}/found-",
        "-print_final_stats=1",
        "-len_control=20",
    ]
    atheris.Setup([sys.argv[0], *options], one_input, custom_mutator=mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
