"""Formulas on panels, and what a book of them would have earned; numpy and numba open late."""
