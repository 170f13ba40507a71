"""The same targets twice: research accounting against an event-driven engine, line by line."""
