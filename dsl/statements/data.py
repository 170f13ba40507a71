"""``data NAME bar 1h``: the data set and the length of its bars; either may be left out."""

from ...core.durations import seconds_of
from ..desk import Desk
from ..statement import Changes, statement
from ..syntax import Form, Literal, Name, Quote, Settings

BAR_SECONDS_MAX = 86_400


@statement("data", start="source", form="data perps_1h bar 1h", words=("bar",))
def read(body: Settings, desk: Desk) -> Changes:
    """Keep the name; the length of a bar is read first of all, for durations need it."""
    desk.by_word(body)
    dataset = "".join(
        source.name if isinstance(source, Name) else source.text
        for source in body.subject
        if isinstance(source, (Name, Quote))
    )
    seconds = bar_seconds(body)
    bar = next((item for item in body.settings if item.word == "bar"), None)
    if bar is not None and seconds is None:
        desk.faults.error(
            "AF232",
            "`bar` is not a duration of up to a day",
            bar.value.span if bar.value else bar.span,
            "write `bar 1h`, `bar 5m` or `bar 1d`",
        )
    return {"dataset": dataset}


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
