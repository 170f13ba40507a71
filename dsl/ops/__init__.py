"""Operators, one a file; a file is live by being here, its kernel included."""
