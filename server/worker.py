"""The process in which one run happens: ``python -m alphaforge.server.worker JOB``.

It builds the same catalogue as the server, packs included, and hands over to ``runs.worker``.
"""

import sys
from pathlib import Path

from ..core.clock import SystemClock
from ..core.home import Home
from ..runs.job import read_job
from ..runs.worker import work
from .compose import open_catalogue


def main() -> int:
    """Work off the job file named on the command line."""
    path = Path(sys.argv[1])
    catalogue, _packs = open_catalogue(Home(Path(read_job(path).home)))
    return work(path, catalogue, SystemClock())


if __name__ == "__main__":
    sys.exit(main())
