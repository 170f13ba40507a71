"""The command line: ``alphaforge`` and ``python -m alphaforge``."""

import sys


def main() -> int:
    """Run one command and return its exit code."""
    from .server.cli import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
