"""How the work of an operator grows: with its window, with the instruments, or with neither."""

from enum import StrEnum


class Work(StrEnum):
    """What an operator does for one bar of one instrument."""

    CELL = "cell"  # a few steps
    RUNNING = "running"  # a few steps in and out of a window, however long it is
    SORTED = "sorted"  # a place in the sorted window, and the values behind it moved
    SCAN = "scan"  # all of the window compared with one value
    WINDOW = "window"  # all of the window once more, each value with what came of the one before
    ACROSS = "across"  # a sort of the instruments of the bar
