"""``adv20``: which volume it means, by what it is held against.

The papers call it the mean traded value, and also compare it with ``volume``, which counts units.
Where it stands against ``volume`` it is read as a mean of units: all else compares dollars with
units.
"""

import re
from collections.abc import Iterator, Sequence

from ..syntax import Binary, Call, Chain, Expression, Literal, Name, Unary, inputs_of
from .build import number
from .template import filled, parsed

ADV = re.compile(r"adv([1-9][0-9]{0,3})")
_VOLUME = "volume"


def mean_volume(name: Name, means: str) -> Expression:
    """Return a mean over the bars that an ``adv`` name says; ``means`` is a formula over ``d``."""
    match = ADV.fullmatch(name.name)
    assert match is not None
    return filled(parsed(means), {"d": number(match[1], name.span)}, name.span, name.span)


def against_volume(expression: Expression) -> frozenset[int]:
    """Return the identities of the ``adv`` names that stand against ``volume``."""
    found: set[int] = set()
    stack = [expression]
    while stack:
        part = stack.pop()
        left, right = _sides(part)
        for one, other in ((left, right), (right, left)):
            if any(map(_is_volume, other)):
                names = [name for name in map(_scaled, one) if name is not None]
                found |= {id(name) for name in names if ADV.fullmatch(name.name)}
        stack.extend(inputs_of(part))
    return frozenset(found)


def _sides(part: Expression) -> tuple[Sequence[Expression], Sequence[Expression]]:
    """Return what is compared, added, or divided by each other; in a sum, all by all."""
    if isinstance(part, Binary) and part.operator != "pow":
        return (part.left,), (part.right,)
    if isinstance(part, Chain) and part.marks[0] in {"PLUS", "MINUS"}:
        return part.operands, part.operands
    if isinstance(part, Chain) and part.marks[0] in {"STAR", "SLASH"}:
        placed = list(_factors(part, is_over=True))
        over = [factor for factor, is_over in placed if is_over]
        under = [factor for factor, is_over in placed if not is_over]
        return over, under
    if isinstance(part, Call) and part.name in {"min", "max"}:
        values = [item.value for item in part.arguments]
        return values, values
    return (), ()


def _factors(part: Expression, *, is_over: bool) -> Iterator[tuple[Expression, bool]]:
    """Yield the factors of products and quotients in each other, and on which side each stands."""
    if not isinstance(part, Chain) or part.marks[0] not in {"STAR", "SLASH"}:
        yield part, is_over
        return
    yield from _factors(part.operands[0], is_over=is_over)
    for mark, operand in zip(part.marks, part.operands[1:], strict=True):
        yield from _factors(operand, is_over=is_over == (mark == "STAR"))


def _is_volume(part: Expression) -> bool:
    name = _scaled(part)
    return name is not None and name.name == _VOLUME


def _scaled(part: Expression) -> Name | None:
    """Return the name that a part is, times or over plain numbers."""
    while not isinstance(part, Name):
        if isinstance(part, Unary):
            part = part.operand
            continue
        if not isinstance(part, Chain) or part.marks[0] not in {"STAR", "SLASH"}:
            return None
        others = [item for item in part.operands if not isinstance(item, Literal)]
        if len(others) != 1 or (others[0] is not part.operands[0] and "SLASH" in part.marks):
            return None
        (part,) = others
    return part
