"""The process that plays one script: ``python -m alphaforge.server.replay_worker FOLDER``.

It bounds itself, opens the event-driven engine, and leaves the record beside the script.
"""

import sys
from pathlib import Path

from ..execution.replay.files import read_script, write_record
from ..runs.confine import bound_memory, bound_time
from ..runs.limits import RunLimits


def main() -> int:
    """Play the script in the folder named on the command line."""
    folder, limits = Path(sys.argv[1]), RunLimits()
    bound_time(limits)
    script = read_script(folder)
    from ..execution.replay.nautilus import replay

    bound_memory(limits)
    write_record(folder, replay(script))
    return 0


if __name__ == "__main__":
    sys.exit(main())
