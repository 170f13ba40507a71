"""Agent sessions: recorded at the tool door, replayed through the server, compared path by path."""

from .recorder import SessionRecorder
from .session import Session, read_session

__all__ = ["Session", "SessionRecorder", "read_session"]
