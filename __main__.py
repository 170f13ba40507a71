"""The command line, above all floors: hands the commands of ``evals`` to that of ``server``."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .server.command import Command
    from .server.serving import Recorder


def main() -> int:
    """Run one command and return its exit code."""
    from .server.cli import run_command

    return run_command(
        sys.argv[1:],
        extra_commands={"evals": _evals},
        extras={"make_recorder": _make_recorder},
    )


def _evals() -> "Command":
    from .evals.command import COMMAND

    return COMMAND


def _make_recorder(path: Path) -> "Recorder":
    from .evals.recorder import SessionRecorder

    return SessionRecorder(path)


if __name__ == "__main__":
    sys.exit(main())
