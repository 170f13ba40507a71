"""Panels of several venues on the grid of the first (numpy).

1. An instrument of another panel belongs to the one of the first that has the same base and quote
   currency; where several have, to the one of the same asset class.
2. Contracts on different numbers of coins are brought to those of the first, prices times and
   quantities over the ratio; where a field has no unit that says how, they stay apart.
3. Bars are put on the first panel's times. What has no partner or no bar is NaN, and is told.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from ..core.errors import InvalidInputError
from ..core.instruments import InstrumentInfo
from ..core.panel import Panel
from .dense import Matrix
from .fields import PRICE, QUANTITY, UNKNOWN, column

Infos = Sequence[InstrumentInfo]
_SHOWN_MAX = 6


@dataclass(frozen=True, slots=True)
class Part:
    """Another panel, under its alias, and what its instruments are."""

    alias: str
    panel: Panel
    infos: Infos


@dataclass(frozen=True, slots=True)
class Match:
    """A column of the first panel, one of the other, and coins a contract of each is on."""

    column: int
    other: int
    times: int
    other_times: int


def joined(first: Panel, infos: Infos, parts: Sequence[Part]) -> Panel:
    """Return the first panel with the fields of the others, named ``alias.field``.

    The others' bars lie within the first panel's times: whoever loads them cuts them so.

    Raises:
        InvalidInputError: when bars differ in length.
    """
    fields, derived, notes = dict(first.fields), set(first.derived), list(first.notes)
    for part in parts:
        _require_grid(first, part)
        matches, told = _matched(infos, part)
        notes += [*told, *_late_notes(first, part)]
        notes += [f"{part.alias}: {note}" for note in part.panel.notes]
        for name in part.panel.fields:
            fields[f"{part.alias}.{name}"] = _placed(first, part, name, matches)
        derived |= {f"{part.alias}.{name}" for name in part.panel.derived}
    return replace(first, fields=fields, derived=frozenset(derived), notes=tuple(notes))


def _require_grid(first: Panel, part: Part) -> None:
    step = first.bar_seconds
    if part.panel.bar_seconds != step or (part.panel.times[0] - first.times[0]) % step:
        raise InvalidInputError(
            f"dataset `{part.panel.dataset}` has bars of {part.panel.bar_seconds} s, "
            f"`{first.dataset}` of {step} s",
            help="all datasets of a strategy are on one grid of bars",
        )


def _matched(infos: Infos, part: Part) -> tuple[list[Match], list[str]]:
    """Find a partner for each column of the first panel; tell which have none, and why."""
    by_pair: dict[tuple[str, str], list[int]] = {}
    for at, info in enumerate(part.infos):
        by_pair.setdefault((info.base, info.quote), []).append(at)
    matches: list[Match] = []
    absent: list[str] = []
    several: list[str] = []
    apart: list[str] = []
    unknown = [name for name in part.panel.fields if column(name) is UNKNOWN]
    for at, info in enumerate(infos):
        found = by_pair.get((info.base, info.quote), [])
        alike = [other for other in found if part.infos[other].asset_class is info.asset_class]
        chosen = alike or found
        if len(chosen) != 1:
            (several if chosen else absent).append(info.symbol)
            continue
        match = Match(at, chosen[0], info.multiplier, part.infos[chosen[0]].multiplier)
        if match.times != match.other_times and unknown:
            apart.append(info.symbol)
        else:
            matches.append(match)
    notes = list(_match_notes(part, absent=absent, several=several))
    if apart:
        notes.append(
            f"`{part.alias}.{unknown[0]}` has no unit that brings contracts on other numbers of "
            f"coins together: nothing of `{part.alias}` is read for {_few(apart)}"
        )
    return matches, [*notes, *_ratio_notes(infos, part, matches)]


def _match_notes(part: Part, *, absent: list[str], several: list[str]) -> Iterator[str]:
    if absent:
        yield f"`{part.alias}` ({part.panel.dataset}) has no partner for {_few(absent)}"
        unquoted = [info.symbol for info in part.infos if not info.quote]
        if unquoted:
            yield (
                f"`{part.alias}` ({part.panel.dataset}) names no quote currency of "
                f"{_few(unquoted)}: import it with `--instruments FILE` (symbol, base, quote)"
            )
    if several:
        yield (
            f"`{part.alias}` ({part.panel.dataset}) has several instruments that could belong to "
            f"{_few(several)}: none is read"
        )


def _ratio_notes(infos: Infos, part: Part, matches: Sequence[Match]) -> Iterator[str]:
    scaled = [
        f"{part.infos[match.other].symbol} to {infos[match.column].symbol}"
        for match in matches
        if match.times != match.other_times
    ]
    if scaled:
        yield f"`{part.alias}` is brought to the contracts of the traded venue: {_few(scaled)}"


def _late_notes(first: Panel, part: Part) -> Iterator[str]:
    begin, end = part.panel.times[0], part.panel.times[-1]
    if begin > first.times[0] or end < first.times[-1]:
        days = " to ".join(
            datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%d %H:%M") for at in (begin, end)
        )
        yield f"`{part.alias}` ({part.panel.dataset}) has bars from {days} UTC only"


def _placed(first: Panel, part: Part, name: str, matches: Sequence[Match]) -> Matrix:
    out = np.full(first.shape, np.nan)
    start = int(part.panel.times[0] - first.times[0]) // first.bar_seconds
    # Before the first row, a slice would count from the end: bars of the past would be of now.
    assert 0 <= start <= len(first.times) - len(part.panel.times)
    rows = slice(start, start + len(part.panel.times))
    values, unit = part.panel.fields[name], column(name).unit
    for match in matches:
        brought = values[:, match.other]
        times, over = match.times, match.other_times
        if unit == QUANTITY:
            times, over = over, times
        if unit in {PRICE, QUANTITY} and times != over:
            # One rounding at most where one divides the other, as powers of ten do.
            brought = brought * (times // over) if times % over == 0 else brought * times / over
        out[rows, match.column] = brought
    return out


def _few(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN_MAX
    shown = ", ".join(names[:_SHOWN_MAX])
    return shown if rest <= 0 else f"{shown} and {rest} more"
