"""``data NAME, ALIAS = NAME bar 1h, roll 3d``: the data sets, the length of bars, when to roll.

The first is the one that is traded; its fields are bare names. Each other has an alias, or goes by
its own name, and its fields are dotted: ``okx.close``. All are on one grid of bars.
"""

import re
from collections.abc import Sequence

from ...core.diagnostics import Fix, Span, echo
from ...core.durations import seconds_of
from ..binder import Binder
from ..desk import Desk
from ..faults import Faults
from ..feeds import FEEDS_MAX
from ..statement import Changes, statement
from ..syntax import Definition, Expression, Form, Literal, Name, Quote, Settings, Statement

BAR_SECONDS_MAX = 86_400
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@statement("data", start="source", form="data perps_1h bar 1h", words=("bar", "roll"))
def read(body: Settings, desk: Desk) -> Changes:
    """Keep the names; aliases and the length of a bar are read first of all."""
    said = desk.by_word(body)
    _check_feeds(body, desk.faults)
    seconds = bar_seconds(body)
    bar = next((item for item in body.settings if item.word == "bar"), None)
    if bar is not None and seconds is None:
        desk.faults.error(
            "AF232",
            "`bar` is not a duration of up to a day",
            bar.value.span if bar.value else bar.span,
            "write `bar 1h`, `bar 5m` or `bar 1d`",
        )
    first = _said(body.feeds[0].value) if body.feeds else ""
    found: dict[str, object] = {"dataset": first, "sources": sources_of(body)}
    if "roll" in said:
        found["roll_bars"] = desk.bars(said["roll"])
    return found


def bar_seconds(body: Settings) -> int | None:
    """Return the length of a bar, if the statement says one that can be."""
    for setting in body.settings:
        value = setting.value
        if setting.word == "bar" and isinstance(value, Literal) and value.form is Form.DURATION:
            seconds = seconds_of(value.text)
            # A day is a whole number of bars, so that every day has the same grid.
            if 0 < seconds <= BAR_SECONDS_MAX and BAR_SECONDS_MAX % seconds == 0:
                return seconds
    return None


def sources_of(body: Settings) -> tuple[tuple[str, str], ...]:
    """Return alias and name of each data set beside the first."""
    return tuple((_alias(feed), _said(feed.value)) for feed in body.feeds[1:])


def note_unread(statements: Sequence[Statement], binder: Binder, faults: Faults) -> None:
    """Note the data sets that no formula reads: they alter nothing, and are not loaded."""
    for statement_ in statements:
        body = statement_.body
        if statement_.keyword != "data" or not isinstance(body, Settings):
            continue
        for feed in body.feeds[1:]:
            alias = _alias(feed)
            if alias not in binder.feeds_read:
                faults.note(
                    "AF380",
                    f"no formula reads the data set `{alias}`",
                    feed.name_span,
                    f"remove it, or use a field such as `{alias}.close`",
                )


def _check_feeds(body: Settings, faults: Faults) -> None:
    seen: dict[str, Span] = {}
    names: set[str] = set()
    for at, feed in enumerate(body.feeds):
        name = _said(feed.value)
        if at == 0 and feed.name:
            _report_first(feed, faults)
        if name in names:
            faults.error(
                "AF282", f"the data set `{name}` is named twice", feed.value.span, "remove one"
            )
        names.add(name)
        if at:
            _check_alias(feed, seen, faults)
    if len(body.feeds) > FEEDS_MAX + 1:
        faults.error(
            "AF284",
            f"the strategy names over {FEEDS_MAX} other data sets",
            body.feeds[FEEDS_MAX + 1].value.span,
            "join what belongs together in one data set",
        )


def _report_first(feed: Definition, faults: Faults) -> None:
    faults.error(
        "AF285",
        f"the traded data set has the alias `{echo(feed.name)}`",
        feed.name_span,
        "the fields of the first data set are bare names, such as `close`",
        Fix(Span(feed.name_span.start, feed.value.span.start), ""),
    )


def _check_alias(feed: Definition, seen: dict[str, Span], faults: Faults) -> None:
    alias = _alias(feed)
    if not _NAME.fullmatch(alias):
        faults.error(
            "AF283",
            f"`{echo(alias)}` cannot be the alias of a data set",
            feed.name_span,
            "an alias is small letters, digits and `_`, and starts with a letter: "
            "`okx = perps_okx`",
        )
    elif alias in seen:
        faults.error(
            "AF282", f"the alias `{alias}` is given twice", feed.name_span, "choose another name"
        )
    seen.setdefault(alias, feed.name_span)


def _alias(feed: Definition) -> str:
    return feed.name or _said(feed.value)


def _said(source: Expression) -> str:
    if isinstance(source, Quote):
        return source.text
    return source.name if isinstance(source, Name) else ""
