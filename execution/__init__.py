"""From an approved plan to orders on a venue: intents, risk, venues, reconciliation, kill."""
