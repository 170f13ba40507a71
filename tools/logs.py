"""The log of the tools: structlog, opened on the first event so that the server starts without."""

import sys

import structlog


def log() -> "structlog.stdlib.BoundLogger":
    """Return the logger; unless someone configured it before, lines go to stderr as JSON.

    Tracebacks are logged without local variables: these may hold secrets (SAFETY L6).
    """
    if not structlog.is_configured():
        structlog.configure(
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(sort_keys=True),
            ],
            logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        )
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("alphaforge.tools")
    return logger
