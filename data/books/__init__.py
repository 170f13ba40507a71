"""Order books rebuilt from snapshots and differences, and held against the venue's own quotes."""
