"""Operators of perpetuals at minutes to days, one a file."""
