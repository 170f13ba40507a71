"""Operators that are formulas of others; a file is live by being here."""
