"""A rebuilt book as text for people and as JSON values."""

from typing import Any

from .view import BookView

_BREAKS_MAX = 5


def view_data(view: BookView, levels: int) -> dict[str, Any]:
    """Return what is known of a book, and its best levels."""
    rebuilt, shared = view.rebuilt, view.agreement
    return {
        "snapshots": rebuilt.snapshots,
        "messages": rebuilt.messages,
        "dropped": rebuilt.dropped,
        "unplaced": rebuilt.unplaced,
        "crossed": rebuilt.crossed,
        "is_chained": rebuilt.is_chained,
        "breaks": [
            {"update_id": each.update_id, "expected": each.expected, "found": each.found}
            for each in rebuilt.breaks
        ],
        "quotes": None
        if shared is None
        else {"shared": shared.shared, "equal": shared.equal, "first_other": shared.first_other},
        "bids": [list(level) for level in rebuilt.book.bids.top(levels)],
        "asks": [list(level) for level in rebuilt.book.asks.top(levels)],
    }


def view_text(view: BookView, levels: int) -> str:
    """Say how the book was rebuilt, whether it can be trusted, and what it holds."""
    rebuilt = view.rebuilt
    lines = [
        (
            f"{rebuilt.snapshots} snapshots, {rebuilt.messages} messages applied, "
            f"{rebuilt.dropped} older than their snapshot, {rebuilt.unplaced} before the first one"
        ),
        _chain(view),
        f"crossed after {rebuilt.crossed} of them",
        *_quotes(view),
    ]
    pairs = zip(rebuilt.book.bids.top(levels), rebuilt.book.asks.top(levels), strict=False)
    lines.append(f"{'bid':>14} {'quantity':>12}   {'ask':>14} {'quantity':>12}")
    lines += [f"{b:>14g} {q:>12g}   {a:>14g} {r:>12g}" for (b, q), (a, r) in pairs]
    return "\n".join(lines)


def _chain(view: BookView) -> str:
    breaks = view.rebuilt.breaks
    if not breaks:
        if view.rebuilt.is_chained:
            return "no break in the chain of update ids"
        return "the venue's messages do not chain: that none is missing cannot be proved"
    shown = "; ".join(
        f"message {each.update_id} follows {each.found}, the book is at {each.expected}"
        for each in breaks[:_BREAKS_MAX]
    )
    more = f" and {len(breaks) - _BREAKS_MAX} more" if len(breaks) > _BREAKS_MAX else ""
    return f"{len(breaks)} breaks, no quote until the next snapshot: {shown}{more}"


def _quotes(view: BookView) -> list[str]:
    found = view.agreement
    if found is None:
        return []
    said = f"best quotes equal the published ones at {found.equal} of {found.shared} shared ids"
    return [said if found.first_other is None else f"{said}, first other at {found.first_other}"]
