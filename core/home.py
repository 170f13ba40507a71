"""The folders of one AlphaForge home; nobody else joins these paths."""

from dataclasses import dataclass
from pathlib import Path

CACHE_BYTES = 1024**3


@dataclass(frozen=True, slots=True)
class Home:
    """Paths under one root; the server's home and the gateway's home are never the same folder.

    ``kernel_cache`` lies outside where several homes share the compiled kernels of one machine.
    ``cache_bytes`` bounds what ``cache`` may hold; 0 switches it off.
    """

    root: Path
    kernel_cache: Path | None = None
    cache_bytes: int = CACHE_BYTES

    @property
    def control_db(self) -> Path:
        """Runs, experiments, approvals, deployments (SQLite)."""
        return self.root / "control.db"

    @property
    def journal_db(self) -> Path:
        """The hash-chained journal (SQLite)."""
        return self.root / "audit" / "journal.db"

    @property
    def lake(self) -> Path:
        """Delta tables of market data."""
        return self.root / "lake"

    @property
    def memory(self) -> Path:
        """The rebuildable search index."""
        return self.root / "memory"

    @property
    def artifacts(self) -> Path:
        """Files that runs leave, one folder a run."""
        return self.root / "artifacts"

    @property
    def kernels(self) -> Path:
        """Compiled kernels, one folder an engine version."""
        return self.kernel_cache or self.root / "kernels"

    @property
    def cache(self) -> Path:
        """Values of sub-expressions, to be thrown away at any time."""
        return self.root / "cache"

    def make(self) -> "Home":
        """Create the folders, readable by their owner alone."""
        for folder in (self.root, self.journal_db.parent, self.lake, self.memory, self.artifacts):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self
