"""The worst texts: how long the slowest answers take in each dialect; the promise is 0.5 s.

Wall and processor time of compile and rendered answer together; on a busy machine only the latter
tells something of the compiler.
"""

import time

from alphaforge.core.diagnostics import render_all
from alphaforge.dsl import Catalogue, compile_text
from alphaforge.dsl.dialects import NAMES
from alphaforge.tests.hostile import HOSTILE

SHOWN = 3
TARGET_MS = 500


def main() -> None:
    """Print the slowest of each dialect, and the worst of all."""
    catalogue = Catalogue.builtin()
    worst = worst_processor = 0.0
    for dialect in NAMES:
        compile_text("returns", catalogue, dialect=dialect)
        found = []
        for name, (text, _) in HOSTILE.items():
            wall, processor = time.perf_counter(), time.process_time()
            answer = render_all(compile_text(text, catalogue, dialect=dialect).diagnostics, text)
            taken = (time.process_time() - processor) * 1000, (time.perf_counter() - wall) * 1000
            found.append((*taken, len(answer), name))
        for processor_ms, wall_ms, length, name in sorted(found, reverse=True)[:SHOWN]:
            print(
                f"{dialect:<9}{processor_ms:8.1f} ms processor{wall_ms:8.1f} ms wall"
                f"{length:8d} characters  {name}"
            )
        worst_processor = max(worst_processor, *(taken_ms for taken_ms, _, _, _ in found))
        worst = max(worst, *(wall_ms for _, wall_ms, _, _ in found))
    print(
        f"worst of {len(HOSTILE)} texts in {len(NAMES)} dialects: "
        f"{worst_processor:.0f} ms processor, {worst:.0f} ms wall   (target {TARGET_MS})"
    )


if __name__ == "__main__":
    main()
