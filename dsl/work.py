"""How the work of an operator grows: with its window, with the instruments, or with neither."""

from enum import StrEnum


class Work(StrEnum):
    """What an operator does for one bar of one instrument."""

    CELL = "cell"  # a few steps
    RUNNING = "running"  # a few steps in and out of a window, however long it is
    SORTED = "sorted"  # a place in the sorted window, and the values behind it moved
    WINDOW = "window"  # all of the window once more
    ACROSS = "across"  # a sort of the instruments of the bar
