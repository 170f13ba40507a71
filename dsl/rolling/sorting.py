"""Sorting and order statistics on plain rows; equal keys keep their order."""

from typing import TYPE_CHECKING

from ..kernels import helper

if TYPE_CHECKING:
    from ..kernels import Row

RUN = 8  # Shorter stretches are sorted by insertion.


@helper
def sort_pairs(
    keys: "Row", values: "Row", count: int, spare_keys: "Row", spare_values: "Row"
) -> None:
    """Sort the first ``count`` finite keys upward and move the values along; stable merge sort."""
    for start in range(0, count, RUN):
        for at in range(start + 1, min(start + RUN, count)):
            key, value = keys[at], values[at]
            place = at
            while place > start and keys[place - 1] > key:
                keys[place], values[place] = keys[place - 1], values[place - 1]
                place -= 1
            keys[place], values[place] = key, value
    width = RUN
    while width < count:
        for left in range(0, count, 2 * width):
            middle, stop = min(left + width, count), min(left + 2 * width, count)
            one, two = left, middle
            for at in range(left, stop):
                is_one = one < middle and (two >= stop or keys[one] <= keys[two])
                place = one if is_one else two
                spare_keys[at], spare_values[at] = keys[place], values[place]
                one += 1 if is_one else 0
                two += 0 if is_one else 1
        keys[:count] = spare_keys[:count]
        values[:count] = spare_values[:count]
        width *= 2


@helper
def place_of(key: float, sorted_keys: "Row", count: int) -> int:
    """Return how many of the sorted keys are smaller."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if sorted_keys[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


@helper
def insert(key: float, sorted_keys: "Row", count: int) -> None:
    """Put a key among ``count`` sorted ones; there must be room for one more."""
    place = place_of(key, sorted_keys, count)
    for at in range(count, place, -1):
        sorted_keys[at] = sorted_keys[at - 1]
    sorted_keys[place] = key


@helper
def remove(key: float, sorted_keys: "Row", count: int) -> None:
    """Take one key that is there out of ``count`` sorted ones."""
    for at in range(place_of(key, sorted_keys, count), count - 1):
        sorted_keys[at] = sorted_keys[at + 1]
