"""Sorting a row, and a window that stays sorted while one value leaves and another enters.

A long row is dealt into slots of equal reach, four a key, then sorted by insertion. Where many keys
crowd into few slots, it is sorted by its digits instead, eight of eight bits, least significant
first: that work is the same whatever the values are. A short row is sorted by insertion at once.
Equals keep their order in all three ways.
"""

from typing import TYPE_CHECKING

from ..kernels import bits_of, helper

if TYPE_CHECKING:
    from ..kernels import Integers, Row

FEW = 24  # Shorter rows are sorted by insertion.
SLOTS = 4  # There is room for eight a key.
CROWD = 8  # Slots with more keys than this, on the mean of the keys, are not worth an insertion.
DIGITS = 8
DIGIT_SIZE = 256
# Rows of whole numbers that sorting needs room in, at least DIGIT_SIZE wide: words and places,
# both twice, and how often each digit occurs.
ROOM = 4 + DIGITS
LARGE = 1e300
SIGN_BITS = 63
ALL_BUT_SIGN = 0x7FFF_FFFF_FFFF_FFFF


@helper
def sort_pairs(keys: "Row", places: "Row", count: int, room: "Integers") -> None:
    """Sort the first ``count`` finite keys upward and move the places along."""
    if count <= FEW:
        sort_few(keys, places, count)
        return
    if deal_by_value(keys, places, count, room):
        sort_few(keys, places, count)
        return
    bits = bits_of(keys)
    room[4:] = 0
    for at in range(count):
        word = sortable(bits[at])
        room[0, at], room[2, at] = word, int(places[at])
        for digit in range(DIGITS):
            room[4 + digit, digit_of(word, digit)] += 1
    side = 0
    for digit in range(DIGITS):
        if start_each(room[4 + digit], count):
            deal(room, side, digit, count)
            side = 1 - side
    for at in range(count):
        bits[at] = sortable(room[side, at])
        places[at] = room[2 + side, at]


@helper
def deal_by_value(keys: "Row", places: "Row", count: int, room: "Integers") -> bool:
    """Deal keys into slots by their distance from the lowest; say False where slots are crowded."""
    low = high = keys[0]
    for at in range(1, count):
        low = keys[at] if keys[at] < low else low  # noqa: FURB136  # As one instruction.
        high = keys[at] if keys[at] > high else high  # noqa: FURB136
    wide = SLOTS * count
    scale = (wide - 1) / (high - low)
    if not 0.0 < scale < LARGE:
        return bool(low == high)
    slots, starts, bits = room[0], room[4:].reshape(-1), bits_of(keys)
    starts[:wide] = 0
    for at in range(count):
        slot = int((keys[at] - low) * scale)
        slots[at] = slot
        starts[slot] += 1
    start = crowd = 0
    for slot in range(wide):
        occurs = starts[slot]
        starts[slot] = start
        start += occurs
        crowd += occurs * occurs
    if crowd > CROWD * count:
        return False
    for at in range(count):
        to = starts[slots[at]]
        starts[slots[at]] = to + 1
        room[1, to], room[2, to] = bits[at], int(places[at])
    for at in range(count):
        bits[at] = room[1, at]
        places[at] = room[2, at]
    return True


@helper
def sort_few(keys: "Row", places: "Row", count: int) -> None:
    """Sort a short row by insertion."""
    for start in range(1, count):
        key, place = keys[start], places[start]
        at = start
        while at > 0 and keys[at - 1] > key:
            keys[at], places[at] = keys[at - 1], places[at - 1]
            at -= 1
        keys[at], places[at] = key, place


@helper
def sortable(word: int) -> int:
    """Turn a number's bits into an integer of the same order, and back."""
    return word ^ ((word >> SIGN_BITS) & ALL_BUT_SIGN)


@helper
def digit_of(word: int, digit: int) -> int:
    """Return a digit; the first one carries the sign, negative ones come first."""
    shifted = word >> (8 * digit)
    return (shifted + 128) & 255 if digit == DIGITS - 1 else shifted & 255


@helper
def start_each(counts: "Integers", count: int) -> bool:
    """Turn counts of a digit into starts; say whether the digit tells any keys apart."""
    start = 0
    tells_apart = True
    for value in range(DIGIT_SIZE):
        occurs = counts[value]
        if occurs == count:
            tells_apart = False
        counts[value] = start
        start += occurs
    return tells_apart


@helper
def deal(room: "Integers", side: int, digit: int, count: int) -> None:
    """Move words and places to the other side, in the order of a digit."""
    starts = room[4 + digit]
    for at in range(count):
        word = room[side, at]
        value = digit_of(word, digit)
        to = starts[value]
        starts[value] = to + 1
        room[1 - side, to] = word
        room[3 - side, to] = room[2 + side, at]


@helper
def place_of(key: float, ordered: "Row", count: int) -> int:
    """Return how many of the sorted keys are smaller."""
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if ordered[middle] < key:
            low = middle + 1
        else:
            high = middle
    return low


@helper
def insert(key: float, ordered: "Row", count: int) -> None:
    """Put a key among ``count`` sorted ones; there must be room for one more."""
    place = place_of(key, ordered, count)
    for at in range(count, place, -1):
        ordered[at] = ordered[at - 1]
    ordered[place] = key


@helper
def remove(key: float, ordered: "Row", count: int) -> None:
    """Take one key that is there out of ``count`` sorted ones."""
    for at in range(place_of(key, ordered, count), count - 1):
        ordered[at] = ordered[at + 1]


@helper
def replace(old: float, key: float, ordered: "Row", count: int) -> None:
    """Take one key out and put another in; only what lies between them moves."""
    at = place_of(old, ordered, count)
    while at + 1 < count and ordered[at + 1] < key:
        ordered[at] = ordered[at + 1]
        at += 1
    while at > 0 and ordered[at - 1] > key:
        ordered[at] = ordered[at - 1]
        at -= 1
    ordered[at] = key
