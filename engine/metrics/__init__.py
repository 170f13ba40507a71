"""One metric a file; ``engine.measure`` finds them by being there."""
