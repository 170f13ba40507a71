"""Fuzzing of the compiler and the formatter; ``make fuzz`` runs it, coverage-guided by atheris."""
